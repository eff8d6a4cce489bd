export interface CallOptions {
  /** Gives up at once; a write that was sent may be applied nevertheless. Default: none. */
  signal?: AbortSignal;
  /** Sent in place of what `getToken` gives, as `refresh` needs it, and never renewed. Default: none. */
  token?: string;
}

export interface WriteOptions extends CallOptions {
  /** The same key is the same write, however often it is sent; up to 255 visible characters. Default: a new one for each call. */
  idempotencyKey?: string;
}

export interface VersionOptions extends CallOptions {
  /** The `version` that was looked at; when it has changed since, the change is refused (`precondition-failed`). Default: any. */
  version?: number;
}

export interface ChangeOptions extends WriteOptions, VersionOptions {}
