import { defineConfig } from "vite";
import { builtAs } from "../../vite.app";

export default defineConfig(builtAs("merchant", import.meta.dirname));
