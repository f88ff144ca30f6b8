import { client, type Schemas } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Link } from "wouter";
import { Awaited, Money, Page, Rows } from "../parts";
import { More, usePages } from "../paging";

export default function Bills() {
  const { t, day } = useSpeech();
  const bills = usePages(["bills"], (after) => client.GET("/v1/bills", { params: { query: { limit: 24, after } } }));
  const loans = usePages(["loans"], (after) => client.GET("/v1/loans", { params: { query: { limit: 24, after } } }));
  return (
    <Page title={t("wallet.bills")}>
      <Awaited of={bills} />
      <Rows
        rows={bills.isSuccess ? bills.rows : undefined}
        none={t("wallet.no_bills")}
        id={(row) => row.id}
        href={(row) => `/bills/${row.id}`}
        left={(row) => (
          <>
            {day(row.statement_on)}
            <small>
              {row.settled_on
                ? t("wallet.settled_on", { day: day(row.settled_on) })
                : t("wallet.due_on", { day: day(row.due_on) })}
            </small>
          </>
        )}
        right={(row) => (
          <Money
            minor={row.settled_on ? row.principal_minor + row.fee_minor : row.open_minor}
            currency={row.currency}
          />
        )}
      />
      <More pages={bills} />
      <Link href="/repayments" className="more">
        {t("repay.history")}
      </Link>
      <h2>{t("customer.loans")}</h2>
      <Loans pages={loans} />
      <More pages={loans} />
    </Page>
  );
}

function Loans({ pages }: { pages: { rows: Schemas["LoanShown"][]; isSuccess: boolean } }) {
  const { t, day, code } = useSpeech();
  return (
    <Rows
      rows={pages.isSuccess ? pages.rows : undefined}
      none={t("wallet.no_loans")}
      id={(row) => row.id}
      href={(row) => `/loans/${row.id}`}
      left={(row) => (
        <>
          {code("plan", row.plan)}
          <small>
            {day(row.taken_on)} · {code("loan.status", row.status)}
          </small>
        </>
      )}
      right={(row) => <Money minor={row.principal_minor} currency={row.currency} />}
    />
  );
}
