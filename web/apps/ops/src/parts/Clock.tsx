import { api } from "@tiao/api";
import { useWho } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";

/** Where the programme stands in time: its test clock, and the last day that is closed. */
export function Clock() {
  const { t, instant, day } = useSpeech();
  const { is_test_clock } = useWho();
  const clock = api.useQuery("get", "/v1/test_clock", {}, { enabled: is_test_clock, retry: false });
  if (!clock.data) return null;
  return (
    <span className="tabular">
      {t("clock.now", { now: instant(clock.data.now_at), closed: day(clock.data.closed_through) })}
    </span>
  );
}
