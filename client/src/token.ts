/** Gives an access token; `fresh` asks for another one than the last, which was refused or is about to expire. */
export type GetToken = (wish: { fresh: boolean }) => string | Promise<string>;
