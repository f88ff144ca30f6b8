export * from "./money";
export * from "./settings";
export * from "./t";
export * from "./time";
