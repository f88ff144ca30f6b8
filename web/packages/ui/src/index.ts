export * from "./money";
export * from "./settings";
export * from "./signed";
export * from "./t";
export * from "./time";
