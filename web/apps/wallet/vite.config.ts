import { defineConfig } from "vite";
import { builtAs } from "../../vite.app";

export default defineConfig({
  ...builtAs("wallet", import.meta.dirname),
  // The same components on a smaller engine: a phone on a slow line loads a third of it.
  resolve: {
    alias: [
      { find: /^react-dom\/client$/, replacement: "preact/compat/client" },
      { find: /^react\/jsx-runtime$/, replacement: "preact/jsx-runtime" },
      { find: /^react(-dom)?$/, replacement: "preact/compat" },
    ],
  },
});
