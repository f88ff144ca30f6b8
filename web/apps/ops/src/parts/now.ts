import { api } from "@tiao/api";
import { useWho } from "@tiao/desk/Desk";

/** The programme's own time: on a test clock a case is not late because the wall clock is. */
export function useNow(): number {
  const { is_test_clock } = useWho();
  const clock = api.useQuery("get", "/v1/test_clock", {}, { enabled: is_test_clock, retry: false, staleTime: 30_000 });
  return clock.data ? new Date(clock.data.now_at).getTime() : Date.now();
}
