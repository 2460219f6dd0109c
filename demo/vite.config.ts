import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfigExport } from "vite";
import { sasEndpoint } from "./server/sas-endpoint.js";
import { settingsFromEnvironment } from "./server/settings.js";

const config: UserConfigExport = defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  // The emulator for inside the page, with MSW, is one large piece that is loaded when somebody wants it.
  build: { target: "es2022", outDir: "dist", emptyOutDir: true, chunkSizeWarningLimit: 800 },
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  plugins: [sasEndpoint(settingsFromEnvironment(process.env))],
});

export default config;
