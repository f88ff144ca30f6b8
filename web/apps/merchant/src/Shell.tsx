// The merchants' portal: orders, what customers claim, money and when it comes, shops and tills, people and programs.
import { api } from "@tiao/api";
import { AppShell } from "@tiao/desk/AppShell";
import { useWho } from "@tiao/desk/Desk";
import { Money } from "@tiao/desk/Shown";
import { useSpeech } from "@tiao/ui";
import { Typography } from "antd";
import { lazy } from "react";
import { Route } from "wouter";

const Orders = lazy(() => import("./pages/Orders"));
const Order = lazy(() => import("./pages/Order"));
const Refunds = lazy(() => import("./pages/Refunds"));
const Statements = lazy(() => import("./pages/Statements"));
const Applying = lazy(() => import("./pages/Applying"));
const SignIns = lazy(() => import("@tiao/desk/Sessions"));
const Sessions = lazy(() => import("./pages/Sessions"));
const Settlements = lazy(() => import("./pages/Settlements"));
const Settlement = lazy(() => import("./pages/Settlement"));
const Owed = lazy(() => import("./pages/Money"));
const Disputes = lazy(() => import("./pages/Disputes"));
const Dispute = lazy(() => import("./pages/Dispute"));
const Stores = lazy(() => import("./pages/Stores"));
const Experiments = lazy(() => import("./pages/Experiments"));
const Experiment = lazy(() => import("./pages/Experiment"));
const Webhooks = lazy(() => import("./pages/Webhooks"));
const Webhook = lazy(() => import("./pages/Webhook"));
const Keys = lazy(() => import("./pages/Keys"));

const PLACES = [
  ["/orders", "portal.orders", ["purchases:read"], "portal.group.sales"],
  ["/refunds", "portal.refunds", ["purchases:read"], "portal.group.sales"],
  ["/sessions", "portal.sessions", ["purchases:read"], "portal.group.sales"],
  ["/disputes", "portal.disputes", ["disputes:read"], "portal.group.sales"],
  ["/settlements", "portal.settlements", ["settlements:read"], "portal.group.money"],
  ["/statements", "portal.statements", ["settlements:read"], "portal.group.money"],
  ["/money", "portal.money", ["settlements:read"], "portal.group.money"],
  ["/stores", "portal.stores", ["purchases:read"], "portal.group.shop"],
  ["/experiments", "portal.experiments", ["purchases:read"], "portal.group.shop"],
  ["/onboarding", "portal.onboarding", ["onboarding:write"], "portal.group.shop"],
  ["/webhooks", "portal.webhooks", ["events:read"], "portal.group.setting"],
  ["/keys", "portal.keys", ["keys:write"], "portal.group.setting"],
  ["/sign-ins", "sessions.title", [], "portal.group.setting"],
] as const;

export function Shell() {
  return (
    <AppShell title="merchant.title_portal" places={PLACES} bar={<Balance />}>
      <Route path="/orders" component={Orders} />
      <Route path="/orders/:id" component={Order} />
      <Route path="/refunds" component={Refunds} />
      <Route path="/statements" component={Statements} />
      <Route path="/onboarding" component={Applying} />
      <Route path="/sign-ins" component={SignIns} />
      <Route path="/sessions" component={Sessions} />
      <Route path="/settlements" component={Settlements} />
      <Route path="/settlements/:day" component={Settlement} />
      <Route path="/money" component={Owed} />
      <Route path="/disputes" component={Disputes} />
      <Route path="/disputes/:id" component={Dispute} />
      <Route path="/stores" component={Stores} />
      <Route path="/experiments" component={Experiments} />
      <Route path="/experiments/:id" component={Experiment} />
      <Route path="/webhooks" component={Webhooks} />
      <Route path="/webhooks/:id" component={Webhook} />
      <Route path="/keys" component={Keys} />
    </AppShell>
  );
}

function Balance() {
  const { t } = useSpeech();
  const who = useWho();
  const may = who.scopes.includes("settlements:read");
  const merchant = api.useQuery(
    "get",
    "/v1/merchants/{merchant_id}",
    { params: { path: { merchant_id: who.subject } } },
    { enabled: who.scopes.includes("merchants:read") },
  );
  const balance = api.useQuery("get", "/v1/balance", {}, { enabled: may });
  return (
    <div className="shell-find">
      <Typography.Text strong>{merchant.data?.name}</Typography.Text>{" "}
      {balance.data && (
        <Typography.Text>
          {t("portal.balance")} <Money minor={balance.data.balance_minor} currency={balance.data.currency} />
        </Typography.Text>
      )}
    </div>
  );
}
