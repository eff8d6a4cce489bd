/** The oldest browsers that the package is made for, as esbuild names them; the README names them too. */
export const TARGETS = { chrome: "92", edge: "92", firefox: "90", safari: "15.4" };
