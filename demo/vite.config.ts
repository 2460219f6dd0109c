import { fileURLToPath } from "node:url";
import { defineConfig, type UserConfigExport } from "vite";
import { sasEndpoint } from "./server/sas-endpoint.js";
import { settingsFromEnvironment } from "./server/settings.js";

const config: UserConfigExport = defineConfig({
  root: fileURLToPath(new URL(".", import.meta.url)),
  build: { target: "es2022", outDir: "dist", emptyOutDir: true },
  server: { host: "127.0.0.1" },
  preview: { host: "127.0.0.1" },
  plugins: [sasEndpoint(settingsFromEnvironment(process.env))],
});

export default config;
