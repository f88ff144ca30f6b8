export * from "./money";
export * from "./refused";
export * from "./settings";
export * from "./signed";
export * from "./t";
export * from "./time";
