import { client } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { More, usePages } from "../paging";
import { Awaited, Money, Page, Rows } from "../parts";

/** What was repaid, the latest first. */
export default function Repayments() {
  const { t, day, code } = useSpeech();
  const pages = usePages(["repayments"], (after) =>
    client.GET("/v1/repayments", { params: { query: { limit: 30, after } } }),
  );
  return (
    <Page title={t("repay.history")} back="/bills">
      <Awaited of={pages} />
      {pages.isSuccess && (
        <Rows
          rows={pages.rows}
          none={t("repay.none")}
          id={(row) => row.id}
          href={(row) => `/repayments/${row.id}`}
          left={(row) => (
            <>
              {code("repay.kind", row.kind)}
              <small>{row.effective_on && day(row.effective_on)}</small>
            </>
          )}
          right={(row) => <Money minor={row.amount_minor} currency={row.currency} />}
        />
      )}
      <More pages={pages} />
    </Page>
  );
}
