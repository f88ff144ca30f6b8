import type { Schemas } from "@tiao/api";

/** How far a company has come, in order, as a tag shows it. */
export const STATE_COLOUR: Record<Schemas["ApplicationState"], string> = {
  draft: "default",
  submitted: "warning",
  proposed: "warning",
  approved: "processing",
  signed: "processing",
  active: "success",
  refused: "error",
  withdrawn: "default",
};
