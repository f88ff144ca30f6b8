import { api, Refused } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Link, Redirect } from "wouter";
import { boughtAs } from "../bought";
import { Awaited, Merchant, Money, Page, Rate, Rows } from "../parts";

export function Home() {
  const { t, day, code, instant } = useSpeech();
  const line = api.useQuery("get", "/v1/line", {});
  const bills = api.useQuery("get", "/v1/bills", { params: { query: { limit: 6 } } }, { enabled: line.isSuccess });
  const purchases = api.useQuery(
    "get",
    "/v1/purchases",
    { params: { query: { limit: 5 } } },
    { enabled: line.isSuccess },
  );
  if (line.error instanceof Refused && line.error.status === 404) return <Redirect to="/apply" />;
  const price = usePrice(line.isSuccess);
  const due = bills.data?.data.filter((bill) => bill.open_minor > 0).at(-1);
  return (
    <Page title={t("wallet.title")}>
      <Awaited of={line} />
      <section className="card line" aria-busy={line.isPending} hidden={!line.data}>
        <p>{t("line.available")}</p>
        <p className="big">{line.data && <Money minor={line.data.available_minor} currency={line.data.currency} />}</p>
        {line.data && (
          <p className="soft">
            {t("line.limit")} <Money minor={line.data.limit_minor} /> · {t("line.used")}{" "}
            <Money minor={line.data.used_minor} />
            {line.data.held_minor > 0 && (
              <>
                {" "}
                · {t("line.held")} <Money minor={line.data.held_minor} />
              </>
            )}
          </p>
        )}
        {price && (
          <p className="soft">
            {t("home.price")} <Rate share={price.least} />
            {price.most !== price.least && (
              <>
                {" "}
                – <Rate share={price.most} />
              </>
            )}{" "}
            · {t("sheet.lender")} {price.lender}
          </p>
        )}
        {line.data && line.data.status !== "active" && (
          <p className="refusal">{code("line.status", line.data.status)}</p>
        )}
      </section>
      <nav className="quick" aria-label={t("home.quick")}>
        {QUICK.map(([path, sign, name]) => (
          <Link key={path} href={path}>
            <svg viewBox="0 0 24 24" aria-hidden="true">
              <path d={sign} />
            </svg>
            {t(name)}
          </Link>
        ))}
      </nav>
      <section className="card">
        {due ? (
          <>
            <p>{t("wallet.due_on", { day: day(due.due_on) })}</p>
            <p className="big">
              <Money minor={due.open_minor} currency={due.currency} />
            </p>
            <div className="two">
              <Link href="/repay" className="main">
                {t("wallet.repay")}
              </Link>
              <Link href={`/bills/${due.id}`} className="other">
                {t("wallet.see_bill")}
              </Link>
            </div>
          </>
        ) : (
          <p>{bills.isSuccess ? t("wallet.nothing_due") : "…"}</p>
        )}
      </section>
      <section>
        <h2>{t("customer.purchases")}</h2>
        <Rows
          rows={purchases.data?.data}
          none={t("wallet.no_purchases")}
          id={(row) => row.id}
          href={(row) => `/purchases/${row.id}`}
          left={(row) => (
            <>
              <Merchant id={row.merchant} />
              <small>
                {instant(row.authorised_at)} · {code("bought", boughtAs(row))}
              </small>
            </>
          )}
          right={(row) => <Money minor={row.amount_minor} currency={row.currency} />}
        />
        <Link href="/purchases" className="more">
          {t("list.more")}
        </Link>
      </section>
    </Page>
  );
}

const QUICK = [
  ["/scan", "M4 9V4h5M15 4h5v5M20 15v5h-5M9 20H4v-5M3 12h18", "scan.title"],
  ["/code", "M4 4h6v6H4zM14 4h6v6h-6zM4 14h6v6H4zM14 14h2v2h-2zM18 18h2v2h-2zM18 14h2M14 18v2", "code.title"],
  ["/calculator", "M5 4h14v16H5zM8 8h8M8 12h2M12 12h2M16 12v4M8 16h2M12 16h2", "calculator.short"],
  ["/me/cards", "M3 6h18v12H3zM3 10h18M6 15h4", "home.cards"],
] as const;

/** What a thousand would cost a year under each plan: from the cheapest that costs anything to the dearest. */
function usePrice(isAsked: boolean) {
  const query = { amount_minor: 100_000 };
  const found = api.useQuery(
    "get",
    "/v1/calculations",
    { params: { query } },
    { enabled: isAsked, staleTime: 300_000 },
  );
  const rates = found.data?.plans.map((plan) => plan.offer.annual_rate).filter((rate) => Number(rate) > 0) ?? [];
  if (!found.data || rates.length === 0) return null;
  const sorted = rates.sort((one, other) => Number(one) - Number(other));
  return { least: sorted[0] ?? "0", most: sorted.at(-1) ?? "0", lender: found.data.lender };
}
