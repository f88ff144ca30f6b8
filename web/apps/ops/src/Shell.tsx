// The console: where everything is, who is here, and a field that finds anything by its id.
import { api } from "@tiao/api";
import { markSignedIn, useWho } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Layout, Menu, Spin } from "antd";
import { lazy, Suspense } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { Find } from "./parts/Find";
import { Clock } from "./parts/Clock";

const Queue = lazy(() => import("./pages/Queue"));
const Risk = lazy(() => import("./pages/Risk"));
const Lists = lazy(() => import("./pages/Lists"));
const Reconciliation = lazy(() => import("./pages/Reconciliation"));
const Customer = lazy(() => import("./pages/Customer"));
const Ledger = lazy(() => import("./pages/Ledger"));
const Posting = lazy(() => import("./pages/Posting"));
const Close = lazy(() => import("./pages/Close"));
const Merchants = lazy(() => import("./pages/Merchants"));
const Merchant = lazy(() => import("./pages/Merchant"));
const Models = lazy(() => import("./pages/Models"));
const Policy = lazy(() => import("./pages/Policy"));
const Contradictions = lazy(() => import("./pages/Contradictions"));
const Decision = lazy(() => import("./pages/Decision"));

const PLACES = [
  ["/risk", "ops.nav.risk", "cases:write"],
  ["/queue", "ops.nav.queue", "cases:write"],
  ["/lists", "ops.nav.lists", "cases:write"],
  ["/merchants", "ops.nav.merchants", "merchants:read"],
  ["/ledger", "ops.nav.ledger", "ledger:read"],
  ["/close", "ops.nav.close", "close:write"],
  ["/reconciliation", "ops.nav.reconciliation", "ledger:read"],
  ["/contradictions", "ops.nav.contradictions", "ledger:read"],
  ["/models", "ops.nav.models", "credit:write"],
  ["/policy", "ops.nav.policy", "policy:write"],
] as const;

export function Shell() {
  const { t } = useSpeech();
  const [at] = useLocation();
  const who = useWho();
  const shown = PLACES.filter(([, , scope]) => who.scopes.includes(scope));
  const current = shown.find(([path]) => at.startsWith(path))?.[0] ?? "";
  return (
    <Layout className="shell" hasSider>
      <Layout.Sider theme="light" breakpoint="lg" collapsedWidth={0} width={200}>
        <div className="shell-name">{t("ops.title")}</div>
        <nav aria-label={t("ops.nav")}>
          <Menu
            mode="inline"
            selectedKeys={[current]}
            items={shown.map(([path, key]) => ({ key: path, label: <Link href={path}>{t(key)}</Link> }))}
          />
        </nav>
      </Layout.Sider>
      <Layout>
        <header className="shell-bar">
          <Find />
          <Clock />
          <Preferences />
        </header>
        <main className="page">
          <Suspense fallback={<Spin />}>
            <Switch>
              <Route path="/queue/:id?" component={Queue} />
              <Route path="/risk/:id?" component={Risk} />
              <Route path="/lists" component={Lists} />
              <Route path="/reconciliation" component={Reconciliation} />
              <Route path="/customers/:id" component={Customer} />
              <Route path="/decisions/:id" component={Decision} />
              <Route path="/ledger/:account?" component={Ledger} />
              <Route path="/postings/:source" component={Posting} />
              <Route path="/close" component={Close} />
              <Route path="/merchants" component={Merchants} />
              <Route path="/merchants/:id" component={Merchant} />
              <Route path="/models" component={Models} />
              <Route path="/policy" component={Policy} />
              <Route path="/contradictions" component={Contradictions} />
              <Route path="/">
                <Redirect to={shown[0]?.[0] ?? "/"} replace />
              </Route>
              <Route>{t("page.unknown")}</Route>
            </Switch>
          </Suspense>
        </main>
      </Layout>
    </Layout>
  );
}

function Preferences() {
  const { t, language, theme, scale, change } = useSpeech();
  const who = useWho();
  const queries = useQueryClient();
  const leave = api.useMutation("delete", "/v1/session", {
    onSettled: () => {
      markSignedIn(false);
      return queries.resetQueries();
    },
  });
  const isTest = who.is_test_clock;
  return (
    <Dropdown
      trigger={["click"]}
      menu={{
        selectedKeys: [language, theme, `scale-${scale}`],
        onClick: ({ key }) => {
          if (key === "zh-CN" || key === "en") change({ language: key });
          else if (key === "light" || key === "dark") change({ theme: key });
          else if (key === "leave") leave.mutate({});
          else change({ scale: key === "scale-1.6" ? 1.6 : key === "scale-1.3" ? 1.3 : 1 });
        },
        items: [
          { key: "zh-CN", label: "中文" },
          { key: "en", label: "English" },
          { type: "divider" },
          { key: "light", label: t("settings.light") },
          { key: "dark", label: t("settings.dark") },
          { type: "divider" },
          { key: "scale-1", label: t("settings.scale_1") },
          { key: "scale-1.3", label: t("settings.scale_2") },
          { key: "scale-1.6", label: t("settings.scale_3") },
          { type: "divider" },
          { key: "leave", label: t("sign_in.leave"), danger: true },
        ],
      }}
    >
      <Button>
        {who.programme}
        {isTest ? ` · ${t("ops.test_clock")}` : ""}
      </Button>
    </Dropdown>
  );
}
