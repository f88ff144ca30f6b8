// What every page of a desk stands in: theme, words, queries, and who is signed in.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { api, Refused, type Schemas } from "@tiao/api";
import { isMarkedSignedIn, SettingsProvider, useSpeech } from "@tiao/ui";
import { ConfigProvider, Spin, theme } from "antd";
import en from "antd/locale/en_US";
import zh from "antd/locale/zh_CN";
import { SayProvider } from "./Say";
import { createContext, lazy, type ReactNode, Suspense, use } from "react";

/** Whoever is signed in already need not fetch it. */
const SignIn = lazy(() => import("./SignIn"));

export type SignedIn = Schemas["SignedIn"];

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      retry: (times, error) => times < 2 && !(error instanceof Refused && error.status !== 503),
      staleTime: 2_000,
    },
  },
});
const Who = createContext<SignedIn | null>(null);

/** Who is signed in; below a Desk there is always somebody. */
export function useWho(): SignedIn {
  const who = use(Who);
  if (!who) throw new Error("no Desk above");
  return who;
}

/** Whether the person at the desk may do what *scope* allows. The server decides all the same. */
export function useMay(scope: string): boolean {
  return useWho().scopes.includes(scope);
}

export function Desk({ role, children }: { role: SignedIn["role"]; children: ReactNode }) {
  return (
    <QueryClientProvider client={queries}>
      <Entrance role={role}>{children}</Entrance>
    </QueryClientProvider>
  );
}

function Entrance({ role, children }: { role: SignedIn["role"]; children: ReactNode }) {
  const session = api.useQuery("get", "/v1/session", {}, { staleTime: 60_000, enabled: isMarkedSignedIn });
  const who = session.data;
  const place = { currency: who?.currency ?? "CNY", timeZone: who?.time_zone ?? "Asia/Shanghai" };
  return (
    <SettingsProvider place={place}>
      <Themed>
        {session.isLoading ? (
          <Spin fullscreen />
        ) : who && who.role === role ? (
          <Who value={who}>{children}</Who>
        ) : (
          <Suspense fallback={<Spin fullscreen />}>
            <SignIn role={role} other={who ?? null} />
          </Suspense>
        )}
      </Themed>
    </SettingsProvider>
  );
}

function Themed({ children }: { children: ReactNode }) {
  const speech = useSpeech();
  const dark = speech.theme === "dark";
  const nonce = document.querySelector<HTMLMetaElement>("meta[name=csp-nonce]")?.content ?? "";
  return (
    <ConfigProvider
      locale={speech.language === "en" ? en : zh}
      csp={{ nonce }}
      theme={{
        // What antd derives from the brand's colour for the page one is on is too faint in the dark.
        components: { Menu: dark ? { itemSelectedBg: "#4a1f26", itemSelectedColor: "#ffd6dc" } : {} },
        algorithm: dark ? theme.darkAlgorithm : theme.defaultAlgorithm,
        token: {
          // Whoever wants no motion gets none from antd either; it would wait for the end of what never moves.
          motion: !matchMedia("(prefers-reduced-motion: reduce)").matches,
          colorPrimary: dark ? "#ff7a8a" : "#c8102e",
          colorLink: dark ? "#7fb3ff" : "#0958d9",
          colorError: dark ? "#ff9c92" : "#b42318",
          colorWarning: dark ? "#ffc069" : "#8a5300",
          colorWarningBg: dark ? "#2b1d11" : "#fff7e6",
          colorInfo: dark ? "#7fb3ff" : "#0958d9",
          colorInfoBg: dark ? "#111d2c" : "#e6f4ff",
          colorSuccess: dark ? "#5cd88a" : "#0a7d33",
          colorSuccessBg: dark ? "#10301c" : "#e6f4ea",
          colorSuccessBorder: dark ? "#2f7a4a" : "#8fd0a6",
          colorErrorBg: dark ? "#3a1512" : "#fdeceb",
          colorTextDescription: dark ? "#bfbfbf" : "#595959",
          colorTextPlaceholder: dark ? "#a6a6a6" : "#6b6b6b",
          colorTextLightSolid: dark ? "#141414" : "#ffffff",
          fontSize: Math.round(14 * speech.scale),
          fontSizeHeading1: Math.round(22 * speech.scale),
          fontSizeHeading2: Math.round(17 * speech.scale),
          borderRadius: 4,
        },
      }}
    >
      <SayProvider>{children}</SayProvider>
    </ConfigProvider>
  );
}
