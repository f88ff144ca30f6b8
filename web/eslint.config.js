import js from "@eslint/js";
import ts from "typescript-eslint";

// Types are `tsc`'s affair; here only what it does not see.
export default ts.config(
  { ignores: ["**/node_modules/**", "packages/api/src/schema.d.ts"] },
  js.configs.recommended,
  ...ts.configs.strict,
);
