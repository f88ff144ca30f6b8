import { defineConfig, mergeConfig } from "vite";
import { builtAs } from "../../vite.app";

/** What the first page needs comes as one file: on a slow line a further one costs as much as thirty kilobytes. */
const FIRST =
  /preload-helper|node_modules.*(preact|@tanstack|wouter|regexparam|openapi)|packages\/(ui|api)\/|wallet\/src\/(pages\/Home|Wallet|Boundary|Offline|bought|elder|parts|patience|saying|who|words)\.tsx?$/;

export default defineConfig(
  mergeConfig(builtAs("wallet", import.meta.dirname), {
    // The same components on a smaller engine: a phone on a slow line loads a third of it.
    resolve: {
      alias: [
        { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
        { find: /^react\/jsx-runtime$/, replacement: "preact/jsx-runtime" },
        { find: /^react(-dom)?$/, replacement: "preact/compat" },
      ],
    },
    build: { rolldownOptions: { output: { codeSplitting: { groups: [{ name: "first", test: FIRST }] } } } },
  }),
);
