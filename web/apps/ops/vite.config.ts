import { defineConfig } from "vite";

export default defineConfig({
  root: import.meta.dirname,
  build: {
    outDir: "../../../src/tiao/web/_static/ops",
    emptyOutDir: true,
    manifest: true,
    // Everything is our own and comes from one host: nothing to polyfill, nothing inlined that the CSP would refuse.
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    rolldownOptions: {
      // antd marks its files for servers that render; nothing is rendered there.
      onLog: (level, log, handle) => {
        if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
      },
    },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8000" } },
});
