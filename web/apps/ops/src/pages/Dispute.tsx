export { DisputePage as default } from "./Disputes";
