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
const FailedRefunds = lazy(() => import("./pages/FailedRefunds"));
const Close = lazy(() => import("./pages/Close"));
const Models = lazy(() => import("./pages/Models"));
const Petitions = lazy(() => import("./pages/Petitions"));
const Onboarding = lazy(() => import("./pages/Onboarding"));
const Application = lazy(() => import("./pages/Application"));
const Contracts = lazy(() => import("./pages/Contracts"));
const Sessions = lazy(() => import("@tiao/desk/Sessions"));
const Rules = lazy(() => import("./pages/Rules"));
const RuleSet = lazy(() => import("./pages/RuleSet"));
const RuleEdit = lazy(() => import("./pages/RuleEdit"));
const Policy = lazy(() => import("./pages/Policy"));
const Collections = lazy(() => import("./pages/Collections"));
const Routing = lazy(() => import("./pages/Routing"));
const Disputes = lazy(() => import("./pages/Disputes"));
const Dispute = lazy(() => import("./pages/Dispute"));
const Audit = lazy(() => import("./pages/Audit"));
const Team = lazy(() => import("./pages/Team"));
const EarlyWarning = lazy(() => import("./pages/EarlyWarning"));
const Proposals = lazy(() => import("./pages/Proposals"));
const Experiments = lazy(() => import("./pages/Experiments"));
const Customer = lazy(() => import("./pages/Customer"));
const Decision = lazy(() => import("./pages/Decision"));
const MoneyProposals = lazy(() => import("./pages/MoneyProposals"));
const Merchant = lazy(() => import("./pages/Merchant"));
const Posting = lazy(() => import("./pages/Posting"));

const PLACES = [
  ["/risk", "ops.nav.risk", ["cases:write"], "ops.group.work"],
  ["/queue", "ops.nav.queue", ["cases:write"], "ops.group.work"],
  ["/petitions", "ops.nav.petitions", ["cases:write"], "ops.group.work"],
  ["/collections", "ops.nav.collections", ["collections:write"], "ops.group.work"],
  ["/disputes", "ops.nav.disputes", ["disputes:read"], "ops.group.work"],
  ["/proposals", "ops.nav.proposals", ["merchants:write"], "ops.group.work"],
  ["/money-proposals", "ops.nav.money_proposals", ["loans:write"], "ops.group.work"],
  ["/reconciliation", "ops.nav.reconciliation", ["ledger:read"], "ops.group.money"],
  ["/contradictions", "ops.nav.contradictions", ["ledger:read"], "ops.group.money"],
  ["/failed-refunds", "ops.nav.failed_refunds", ["bills:read"], "ops.group.money"],
  ["/routing", "ops.nav.routing", ["ledger:read"], "ops.group.money"],
  ["/ledger", "ops.nav.ledger", ["ledger:read"], "ops.group.money"],
  ["/close", "ops.nav.close", ["close:write"], "ops.group.money"],
  ["/rules", "ops.nav.rules", ["risk:write"], "ops.group.policy"],
  ["/lists", "ops.nav.lists", ["risk_lists:write"], "ops.group.policy"],
  ["/policy", "ops.nav.policy", ["policy:write"], "ops.group.policy"],
  ["/models", "ops.nav.models", ["credit:write", "risk:write"], "ops.group.policy"],
  ["/early-warning", "ops.nav.warning", ["credit:write"], "ops.group.policy"],
  ["/merchants", "ops.nav.merchants", ["merchants:read"], "ops.group.others"],
  ["/onboarding", "ops.nav.onboarding", ["onboarding:write"], "ops.group.others"],
  ["/contracts", "ops.nav.contracts", ["onboarding:write"], "ops.group.others"],
  ["/experiments", "ops.nav.experiments", ["merchants:read"], "ops.group.others"],
  ["/team", "ops.nav.team", ["keys:write"], "ops.group.others"],
  ["/audit", "ops.nav.audit", ["audit:read"], "ops.group.others"],
  ["/sessions", "sessions.title", [], "ops.group.others"],
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
      <Route path="/petitions/:id?" component={Petitions} />
      <Route path="/collections" component={Collections} />
      <Route path="/disputes" component={Disputes} />
      <Route path="/disputes/:id" component={Dispute} />
      <Route path="/proposals" component={Proposals} />
      <Route path="/money-proposals" component={MoneyProposals} />
      <Route path="/routing" component={Routing} />
      <Route path="/early-warning" component={EarlyWarning} />
      <Route path="/experiments" component={Experiments} />
      <Route path="/team" component={Team} />
      <Route path="/audit" component={Audit} />
      <Route path="/rules" component={Rules} />
      <Route path="/rules/:version" component={RuleSet} />
      <Route path="/rules/:version/edit" component={RuleEdit} />
      <Route path="/lists" component={Lists} />
      <Route path="/merchants" component={Merchants} />
      <Route path="/merchants/:id" component={Merchant} />
      <Route path="/onboarding" component={Onboarding} />
      <Route path="/onboarding/:id" component={Application} />
      <Route path="/contracts" component={Contracts} />
      <Route path="/sessions" component={Sessions} />
      <Route path="/ledger/:account?" component={Ledger} />
      <Route path="/reconciliation" component={Reconciliation} />
      <Route path="/contradictions" component={Contradictions} />
      <Route path="/failed-refunds" component={FailedRefunds} />
      <Route path="/close" component={Close} />
      <Route path="/models" component={Models} />
      <Route path="/policy" component={Policy} />
      <Route path="/customers/:id" component={Customer} />
      <Route path="/decisions/:id" component={Decision} />
      <Route path="/postings/:source" component={Posting} />
    </AppShell>
  );
}
