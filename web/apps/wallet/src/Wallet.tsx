// A customer's own line on a phone: what is left, what is due, paying it, and why each decision fell.
import { MutationCache, QueryCache, QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { api, Refused } from "@tiao/api";
import { isMarkedSignedIn, markSignedIn, SettingsProvider, useSpeech } from "@tiao/ui";
import { lazy, Suspense } from "react";
import { Link, Route, Switch, useLocation } from "wouter";
import { Boundary } from "./Boundary";
import { Offline } from "./Offline";
import { Home } from "./pages/Home";
import { Awaited, isPassing, Page, Waiting } from "./parts";
import { WhoProvider } from "./who";

const SignIn = lazy(() => import("./pages/SignIn"));
const Apply = lazy(() => import("./pages/Apply"));
const Bills = lazy(() => import("./pages/Bills"));
const Bill = lazy(() => import("./pages/Bill"));
const Loan = lazy(() => import("./pages/Loan"));
const Repay = lazy(() => import("./pages/Repay"));
const Repayment = lazy(() => import("./pages/Repayment"));
const Repayments = lazy(() => import("./pages/Repayments"));
const Purchase = lazy(() => import("./pages/Purchase"));
const PayCode = lazy(() => import("./pages/PayCode"));
const Scan = lazy(() => import("./pages/Scan"));
const Pay = lazy(() => import("./pages/Pay"));
const Confirm = lazy(() => import("./pages/Confirm"));
const Calculator = lazy(() => import("./pages/Calculator"));
const BillPlan = lazy(() => import("./pages/BillPlan"));
const Minimum = lazy(() => import("./pages/Minimum"));
const Defer = lazy(() => import("./pages/Defer"));
const Security = lazy(() => import("./pages/Security"));
const Requests = lazy(() => import("./pages/Requests"));
const Line = lazy(() => import("./pages/Line"));
const Purchases = lazy(() => import("./pages/Purchases"));
const Me = lazy(() => import("./pages/Me"));
const Decisions = lazy(() => import("./pages/Decisions"));
const Messages = lazy(() => import("./pages/Messages"));
const Consents = lazy(() => import("./pages/Consents"));
const Cards = lazy(() => import("./pages/Cards"));

/** A session that is over leads to signing in, wherever it was met; a passkey's or a code's "no" is no such thing. */
function onError(error: unknown) {
  if (!(error instanceof Refused) || error.status !== 401 || !isMarkedSignedIn()) return;
  markSignedIn(false);
  void queries.resetQueries();
}

const queries = new QueryClient({
  queryCache: new QueryCache({ onError }),
  mutationCache: new MutationCache({ onError }),
  defaultOptions: {
    // Without a network it is asked all the same and fails at once: whoever waits is told why.
    queries: { retry: (times, error) => times < 2 && navigator.onLine && isPassing(error), networkMode: "always" },
    mutations: { networkMode: "always" },
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
      <Offline />
      <Suspense fallback={<Waiting />}>
        {session.isLoading ? (
          <Waiting />
        ) : who ? (
          <WhoProvider value={who}>
            <Pages />
          </WhoProvider>
        ) : isPassing(session.error) ? (
          <Unreached session={session} />
        ) : (
          <Boundary>
            <SignIn />
          </Boundary>
        )}
      </Suspense>
    </SettingsProvider>
  );
}

/** Whether somebody is signed in could not be asked: that is no reason to ask for a code again. */
function Unreached({ session }: { session: { isPending: boolean; error: unknown; refetch: () => unknown } }) {
  const { t } = useSpeech();
  return (
    <main className="wallet">
      <h1>{t("wallet.title")}</h1>
      <Awaited of={session} />
    </main>
  );
}

/** The three tabs, and what else lies under each; the first that fits, from the last. */
const TABS = [
  ["/", "wallet.home", ["/"]],
  ["/bills", "wallet.bills", ["/bills", "/loans", "/repay"]],
  ["/me", "wallet.me", ["/me"]],
] as const;

function Pages() {
  const { t } = useSpeech();
  const [at] = useLocation();
  const here = TABS.findLast(([, , under]) => under.some((path) => at.startsWith(path)))?.[0] ?? "/";
  return (
    <>
      <main className="wallet">
        <Boundary key={at}>
          <Suspense fallback={<Waiting />}>
            <Switch>
              <Route path="/" component={Home} />
              <Route path="/apply" component={Apply} />
              <Route path="/bills" component={Bills} />
              <Route path="/bills/:id" component={Bill} />
              <Route path="/bills/:id/plans" component={BillPlan} />
              <Route path="/bills/:id/minimum" component={Minimum} />
              <Route path="/loans/:id" component={Loan} />
              <Route path="/loans/:id/defer/:number" component={Defer} />
              <Route path="/code" component={PayCode} />
              <Route path="/scan" component={Scan} />
              <Route path="/pay/:token" component={Pay} />
              <Route path="/confirm/:id" component={Confirm} />
              <Route path="/calculator" component={Calculator} />
              <Route path="/repay" component={Repay} />
              <Route path="/repayments" component={Repayments} />
              <Route path="/repayments/:id" component={Repayment} />
              <Route path="/purchases" component={Purchases} />
              <Route path="/purchases/:id" component={Purchase} />
              <Route path="/me" component={Me} />
              <Route path="/me/decisions" component={Decisions} />
              <Route path="/me/messages" component={Messages} />
              <Route path="/me/consents" component={Consents} />
              <Route path="/me/security" component={Security} />
              <Route path="/me/requests" component={Requests} />
              <Route path="/me/line" component={Line} />
              <Route path="/me/cards" component={Cards} />
              <Route component={Nowhere} />
            </Switch>
          </Suspense>
        </Boundary>
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

function Nowhere() {
  const { t } = useSpeech();
  return (
    <Page title={t("wallet.title")} back="/">
      <p className="none">{t("page.unknown")}</p>
    </Page>
  );
}
