import { api, Refused } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Link, Redirect } from "wouter";
import { Money, Page, Refusal, Rows } from "../parts";

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
  const due = bills.data?.data.filter((bill) => bill.open_minor > 0).at(-1);
  return (
    <Page title={t("wallet.title")}>
      <Refusal error={line.error} />
      <section className="card line" aria-busy={line.isPending}>
        <p>{t("line.available")}</p>
        <p className="big">
          {line.data ? <Money minor={line.data.available_minor} currency={line.data.currency} /> : "…"}
        </p>
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
        {line.data && line.data.status !== "active" && (
          <p className="refusal">{code("line.status", line.data.status)}</p>
        )}
      </section>
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
          left={(row) => (
            <>
              {code("plan", row.plan)}
              <small>
                {instant(row.authorised_at)} · {code("purchase.outcome", row.outcome)}
              </small>
            </>
          )}
          right={(row) => <Money minor={row.amount_minor} currency={row.currency} />}
        />
        <Link href="/purchases">{t("list.more")}</Link>
      </section>
    </Page>
  );
}
