// A rule set while it is edited: what changed against what it began as, and where a condition is wrong.
import type { Schemas } from "@tiao/api";

export type Rule = Schemas["RuleShown"];
export type Written = Schemas["WrittenShown"];

/** A rule in the editor; *id* stays when its code is changed. */
export interface Draft extends Rule {
  id: number;
}

export interface Change {
  code: string;
  what: "added" | "removed" | "changed";
  /** The fields that differ, as they were and as they are. */
  fields: { name: keyof Rule; before: string; after: string }[];
}

const FIELDS = ["title", "when", "then", "level", "cap_ppm"] as const;

export function changesOf(before: Rule[], after: Rule[]): Change[] {
  const old = new Map(before.map((rule) => [rule.code, rule]));
  const kept = new Set(after.map((rule) => rule.code));
  const changes: Change[] = [];
  for (const rule of after) {
    const was = old.get(rule.code);
    const fields = FIELDS.filter((name) => (was?.[name] ?? null) !== rule[name]).map((name) => ({
      name,
      before: was ? String(was[name] ?? "") : "",
      after: String(rule[name] ?? ""),
    }));
    if (!was) changes.push({ code: rule.code, what: "added", fields });
    else if (fields.length > 0) changes.push({ code: rule.code, what: "changed", fields });
  }
  for (const rule of before) {
    if (!kept.has(rule.code)) changes.push({ code: rule.code, what: "removed", fields: [] });
  }
  return changes;
}

/** Cut a text where it is wrong: what stands before, the sign itself, and the rest. Past the end the sign is a blank. */
export function cutAt(text: string, position: number): [string, string, string] {
  const signs = Array.from(text);
  return [signs.slice(0, position).join(""), signs[position] ?? " ", signs.slice(position + 1).join("")];
}

/** A share in percent as people write it, in millionths; null when it is empty, undefined when it is none. */
export function readShare(text: string): number | null | undefined {
  if (text.trim() === "") return null;
  const match = /^(\d{1,3})(?:\.(\d{1,4}))?$/.exec(text.trim());
  if (!match) return undefined;
  const ppm = Number.parseInt(match[1] ?? "", 10) * 10_000 + Number.parseInt((match[2] ?? "").padEnd(4, "0"), 10);
  return ppm >= 1 && ppm <= 1_000_000 ? ppm : undefined;
}

export function showShare(ppm: number | null): string {
  return ppm === null ? "" : String(ppm / 10_000);
}

/** A code that no rule of the set has yet. */
export function freshCode(rules: Rule[]): string {
  const taken = new Set(rules.map((rule) => rule.code));
  let number = rules.length + 1;
  while (taken.has(`rule_${number}`)) number += 1;
  return `rule_${number}`;
}

/** A rule as the server takes it. */
export function ruleOf({ code, title, when, then, level, cap_ppm }: Draft): Rule {
  return { code, title, when, then, level, cap_ppm };
}
