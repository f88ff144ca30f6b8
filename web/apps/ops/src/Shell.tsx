// The console: its pages, and a field above them that finds anything by its id.
import { AppShell } from "@tiao/desk/AppShell";
import { lazy } from "react";
import { Route } from "wouter";
import { Clock } from "./parts/Clock";
import { Find } from "./parts/Find";

const Risk = lazy(() => import("./pages/Risk"));
const Queue = lazy(() => import("./pages/Queue"));
const Lists = lazy(() => import("./pages/Lists"));
const Merchants = lazy(() => import("./pages/Merchants"));
const Ledger = lazy(() => import("./pages/Ledger"));
const Reconciliation = lazy(() => import("./pages/Reconciliation"));
const Contradictions = lazy(() => import("./pages/Contradictions"));
const Close = lazy(() => import("./pages/Close"));
const Models = lazy(() => import("./pages/Models"));
const Rules = lazy(() => import("./pages/Rules"));
const RuleSet = lazy(() => import("./pages/RuleSet"));
const RuleEdit = lazy(() => import("./pages/RuleEdit"));
const Policy = lazy(() => import("./pages/Policy"));
const Customer = lazy(() => import("./pages/Customer"));
const Decision = lazy(() => import("./pages/Decision"));
const Merchant = lazy(() => import("./pages/Merchant"));
const Posting = lazy(() => import("./pages/Posting"));

const PLACES = [
  ["/risk", "ops.nav.risk", "cases:write"],
  ["/queue", "ops.nav.queue", "cases:write"],
  ["/rules", "ops.nav.rules", "risk:write"],
  ["/lists", "ops.nav.lists", "risk_lists:write"],
  ["/merchants", "ops.nav.merchants", "merchants:read"],
  ["/ledger", "ops.nav.ledger", "ledger:read"],
  ["/reconciliation", "ops.nav.reconciliation", "ledger:read"],
  ["/contradictions", "ops.nav.contradictions", "ledger:read"],
  ["/close", "ops.nav.close", "close:write"],
  ["/models", "ops.nav.models", "credit:write"],
  ["/policy", "ops.nav.policy", "policy:write"],
] as const;

export function Shell() {
  return (
    <AppShell
      title="ops.title"
      places={PLACES}
      bar={
        <>
          <Find />
          <Clock />
        </>
      }
    >
      <Route path="/risk/:id?" component={Risk} />
      <Route path="/queue/:id?" component={Queue} />
      <Route path="/rules" component={Rules} />
      <Route path="/rules/:version" component={RuleSet} />
      <Route path="/rules/:version/edit" component={RuleEdit} />
      <Route path="/lists" component={Lists} />
      <Route path="/merchants" component={Merchants} />
      <Route path="/merchants/:id" component={Merchant} />
      <Route path="/ledger/:account?" component={Ledger} />
      <Route path="/reconciliation" component={Reconciliation} />
      <Route path="/contradictions" component={Contradictions} />
      <Route path="/close" component={Close} />
      <Route path="/models" component={Models} />
      <Route path="/policy" component={Policy} />
      <Route path="/customers/:id" component={Customer} />
      <Route path="/decisions/:id" component={Decision} />
      <Route path="/postings/:source" component={Posting} />
    </AppShell>
  );
}
