// A customer's own line on a phone: what is left, what is due, paying it, and why each decision fell.
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { api, Refused } from "@tiao/api";
import { isMarkedSignedIn, SettingsProvider, useSpeech } from "@tiao/ui";
import { lazy, Suspense } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { Home } from "./pages/Home";
import { WhoProvider } from "./who";

const SignIn = lazy(() => import("./pages/SignIn"));
const Apply = lazy(() => import("./pages/Apply"));
const Bills = lazy(() => import("./pages/Bills"));
const Bill = lazy(() => import("./pages/Bill"));
const Loan = lazy(() => import("./pages/Loan"));
const Repay = lazy(() => import("./pages/Repay"));
const Purchases = lazy(() => import("./pages/Purchases"));
const Me = lazy(() => import("./pages/Me"));
const Decisions = lazy(() => import("./pages/Decisions"));
const Messages = lazy(() => import("./pages/Messages"));
const Consents = lazy(() => import("./pages/Consents"));
const Cards = lazy(() => import("./pages/Cards"));

const queries = new QueryClient({
  defaultOptions: {
    queries: { retry: (times, error) => times < 2 && !(error instanceof Refused && error.status !== 503) },
  },
});

export function Wallet() {
  return (
    <QueryClientProvider client={queries}>
      <Entrance />
    </QueryClientProvider>
  );
}

function Entrance() {
  const session = api.useQuery("get", "/v1/session", {}, { staleTime: 60_000, enabled: isMarkedSignedIn });
  const who = session.data?.role === "consumer" ? session.data : null;
  return (
    <SettingsProvider place={{ currency: who?.currency ?? "CNY", timeZone: who?.time_zone ?? "Asia/Shanghai" }}>
      <Suspense fallback={<Waiting />}>
        {session.isLoading ? (
          <Waiting />
        ) : who ? (
          <WhoProvider value={who}>
            <Pages />
          </WhoProvider>
        ) : (
          <SignIn />
        )}
      </Suspense>
    </SettingsProvider>
  );
}

function Waiting() {
  return <p className="waiting" role="progressbar" aria-label="…" />;
}

const TABS = [
  ["/", "wallet.home"],
  ["/bills", "wallet.bills"],
  ["/me", "wallet.me"],
] as const;

function Pages() {
  const { t } = useSpeech();
  const [at] = useLocation();
  const here = TABS.findLast(([path]) => (path === "/" ? true : at.startsWith(path)))?.[0] ?? "/";
  return (
    <>
      <main className="wallet">
        <Suspense fallback={<Waiting />}>
          <Switch>
            <Route path="/" component={Home} />
            <Route path="/apply" component={Apply} />
            <Route path="/bills" component={Bills} />
            <Route path="/bills/:id" component={Bill} />
            <Route path="/loans/:id" component={Loan} />
            <Route path="/repay" component={Repay} />
            <Route path="/purchases" component={Purchases} />
            <Route path="/me" component={Me} />
            <Route path="/me/decisions" component={Decisions} />
            <Route path="/me/messages" component={Messages} />
            <Route path="/me/consents" component={Consents} />
            <Route path="/me/cards" component={Cards} />
            <Route>{t("page.unknown")}</Route>
          </Switch>
        </Suspense>
      </main>
      <nav className="tabs" aria-label={t("nav.label")}>
        {TABS.map(([path, name]) => (
          <Link key={path} href={path} aria-current={here === path ? "page" : undefined}>
            {t(name)}
          </Link>
        ))}
      </nav>
    </>
  );
}
