import type { UserConfig } from "vite";

/** How every application is built: into the package, from one host, nothing inlined that its policy would refuse. */
export function builtAs(name: string, root: string): UserConfig {
  return {
    root,
    build: {
      outDir: `../../../src/tiao/web/_static/${name}`,
      emptyOutDir: true,
      manifest: true,
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
      chunkSizeWarningLimit: 700,
      rolldownOptions: {
        // antd marks its files for servers that render; nothing is rendered there.
        onLog: (level, log, handle) => {
          if (log.code !== "MODULE_LEVEL_DIRECTIVE") handle(level, log);
        },
      },
    },
    server: { proxy: { "/v1": "http://127.0.0.1:8000" } },
  };
}
