import { useSpeech } from "@tiao/ui";

/** What a key is called: that of a browser by the browser. */
export function KeyLabel({ of }: { of: string }) {
  const { t } = useSpeech();
  const [session, device] = of.split(": ");
  if (session !== "browser session") return of;
  return device ? t("team.browser", { device }) : t("team.session");
}
