import { useSpeech } from "@tiao/ui";
import { useEffect, useRef, useState } from "react";
import { useLocation } from "wouter";

/** Where an id is shown. What belongs to no page of its own is shown by what it booked. */
const PAGE_OF: Record<string, string> = {
  cus: "/customers/",
  dec: "/decisions/",
  mer: "/merchants/",
  cas: "/queue/",
  rca: "/risk/",
  dsp: "/disputes/",
  map: "/onboarding/",
  pet: "/petitions/",
  loa: "/postings/",
  pur: "/postings/",
  rep: "/postings/",
  ref: "/postings/",
  stl: "/postings/",
  wof: "/postings/",
  pay: "/postings/",
  lin: "/postings/",
  adj: "/postings/",
};

export function pageOf(id: string): string | null {
  const match = /^([a-z]{3})_[0-9a-f]{32}$/.exec(id.trim());
  const page = match?.[1] ? PAGE_OF[match[1]] : undefined;
  return page ? page + id.trim() : null;
}

/** Finds anything by its id; Ctrl-K brings the cursor here. */
export function Find() {
  const { t } = useSpeech();
  const [, go] = useLocation();
  const [unknown, setUnknown] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const listen = (event: KeyboardEvent) => {
      if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        field.current?.select();
      }
    };
    addEventListener("keydown", listen);
    return () => removeEventListener("keydown", listen);
  }, []);
  return (
    <form
      role="search"
      className="shell-find"
      onSubmit={(event) => {
        event.preventDefault();
        const text = field.current?.value ?? "";
        const page = pageOf(text);
        if (page) go(page);
        else setUnknown(text.trim() !== "");
      }}
    >
      <input
        ref={field}
        type="search"
        className="find"
        aria-label={t("find.label")}
        placeholder={t("find.placeholder")}
        aria-invalid={unknown}
        aria-describedby={unknown ? "find-unknown" : undefined}
        onChange={() => setUnknown(false)}
      />
      {unknown && (
        <span id="find-unknown" role="status" className="late">
          {t("find.unknown")}
        </span>
      )}
    </form>
  );
}
