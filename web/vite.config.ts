import { transformAsync } from "@babel/core";
import { lingui } from "@lingui/vite-plugin";
import react from "@vitejs/plugin-react";
import { type Plugin, defineConfig } from "vite";
import { finished } from "./tools/finish.mjs";

const API = "http://127.0.0.1:3000";
/** What is asked for by its name, by other sites and by browsers: it lies where the pages do. */
const KEEP_THEIR_NAMES = new Set(["embed", "service-worker"]);

/** Lingui's macros become calls, with the messages taken out into the catalogs. */
function macros(): Plugin {
  return {
    name: "lingui-macros",
    enforce: "pre",
    transform: {
      filter: { id: /\.tsx?$/, code: /@lingui\/(core|react)\/macro/ },
      async handler(code, id) {
        const made = await transformAsync(code, {
          filename: id,
          babelrc: false,
          configFile: false,
          sourceMaps: true,
          parserOpts: { plugins: ["typescript", "jsx"] },
          plugins: ["@lingui/babel-plugin-lingui-macro"],
        });
        return made?.code == null ? null : { code: made.code, map: made.map as never };
      },
    },
  };
}

export default defineConfig({
  // Relative: the same build is served below any path. What serves it says by <base> which.
  base: "./",
  plugins: [macros(), react(), lingui({ failOnMissing: true, failOnCompileError: true }), finished()],
  // The client is a link to its folder, which has a React of its own for its tests.
  resolve: { dedupe: ["react", "react-dom", "@tanstack/react-query"] },
  build: {
    target: ["chrome92", "edge92", "firefox90", "safari15.4"],
    manifest: true,
    modulePreload: { polyfill: false },
    // No data: in fonts or styles, which the policy forbids.
    assetsInlineLimit: 0,
    rolldownOptions: {
      input: { index: "index.html", embed: "src/embed.ts", "service-worker": "src/service-worker.ts" },
      output: {
        // The first script names every other one: a name that says what is in it would be loaded by everybody.
        chunkFileNames: "assets/[hash].js",
        assetFileNames: "assets/[hash][extname]",
        entryFileNames: ({ name }) => (KEEP_THEIR_NAMES.has(name) ? "[name].js" : "assets/[name]-[hash].js"),
        // These are no modules, and leave no names behind.
        banner: ({ name }) => (KEEP_THEIR_NAMES.has(name) ? "(() => {" : ""),
        footer: ({ name }) => (KEEP_THEIR_NAMES.has(name) ? "})();" : ""),
      },
      checks: { bundlerTimings: false },
    },
  },
  server: { proxy: { "/api": API, "/socket.io": { target: API, ws: true } } },
});
