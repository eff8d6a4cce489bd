"""The version of this release, as OpenAPI, AsyncAPI and the log say it."""

VERSION = "0.1.0"
