// The frame of a desk: where everything is, what stands above every page, and who is here.
import { api } from "@tiao/api";
import { type Key, markSignedIn, useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Dropdown, Layout, Menu, Spin } from "antd";
import { type ReactNode, type RefObject, Suspense, useEffect, useRef } from "react";
import { Link, Redirect, Route, Switch, useLocation } from "wouter";
import { useWho } from "./Desk";

/** A page in the menu: its path, what it is called, and the scopes any of which opens it; none: anybody's. */
export type Place = readonly [path: string, name: Key, scopes: readonly string[], group?: Key];

export function AppShell(props: { title: Key; places: readonly Place[]; bar: ReactNode; children: ReactNode[] }) {
  const { t } = useSpeech();
  const [at] = useLocation();
  const who = useWho();
  const main = useRef<HTMLElement>(null);
  useReachableTables(main);
  const shown = props.places.filter(
    ([, , scopes]) => scopes.length === 0 || scopes.some((scope) => who.scopes.includes(scope)),
  );
  const current = shown.find(([path]) => at === path || at.startsWith(`${path}/`))?.[0] ?? "";
  return (
    <Layout className="shell" hasSider>
      <Layout.Sider theme="light" breakpoint="lg" collapsedWidth={0} width={200}>
        <div className="shell-name">{t(props.title)}</div>
        <nav aria-label={t("nav.label")}>
          <Menu
            mode="inline"
            selectedKeys={[current]}
            items={grouped(shown)
              .map(([group, places]) => {
                const items = places.map(([path, name]) => ({ key: path, label: <Link href={path}>{t(name)}</Link> }));
                return group === undefined
                  ? items
                  : [{ type: "group" as const, key: group, label: t(group), children: items }];
              })
              .flat()}
          />
        </nav>
      </Layout.Sider>
      <Layout>
        <header className="shell-bar">
          {props.bar}
          <Preferences />
        </header>
        <main className="page" ref={main}>
          <Suspense fallback={<Spin />}>
            <Switch>
              {props.children}
              <Route path="/">
                <Redirect to={shown[0]?.[0] ?? "/none"} replace />
              </Route>
              <Route>{t("page.unknown")}</Route>
            </Switch>
          </Suspense>
        </main>
      </Layout>
    </Layout>
  );
}

/** Places by their group, in the order in which groups come first. */
function grouped(places: readonly Place[]): [Key | undefined, Place[]][] {
  const found = new Map<Key | undefined, Place[]>();
  for (const place of places) found.set(place[3], [...(found.get(place[3]) ?? []), place]);
  return [...found];
}

/** antd gives no way to let keys scroll a wide table that holds nothing to stop at. */
function useReachableTables(main: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const page = main.current;
    if (!page) return;
    const seen = new WeakSet<Element>();
    const reach = () => {
      for (const table of page.querySelectorAll<HTMLElement>(".ant-table-content")) {
        if (table.scrollWidth > table.clientWidth) table.tabIndex = 0;
        // Larger text or a smaller window makes a table too wide without changing what it holds.
        for (const each of [table, table.firstElementChild]) {
          if (!each || seen.has(each)) continue;
          seen.add(each);
          sizes.observe(each);
        }
      }
    };
    const sizes = new ResizeObserver(reach);
    const watch = new MutationObserver(reach);
    watch.observe(page, { childList: true, subtree: true });
    reach();
    return () => {
      watch.disconnect();
      sizes.disconnect();
    };
  }, [main]);
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
      <Button>{who.is_test_clock ? `${who.programme} · ${t("ops.test_clock")}` : who.programme}</Button>
    </Dropdown>
  );
}
