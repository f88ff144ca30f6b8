import { client } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { boughtAs } from "../bought";
import { Awaited, Merchant, Money, Page, Rows } from "../parts";
import { More, usePages } from "../paging";

export default function Purchases() {
  const { t, code, instant } = useSpeech();
  const pages = usePages(["purchases"], (after) =>
    client.GET("/v1/purchases", { params: { query: { limit: 30, after } } }),
  );
  return (
    <Page title={t("customer.purchases")} back="/">
      <Awaited of={pages} />
      <Rows
        rows={pages.isSuccess ? pages.rows : undefined}
        none={t("wallet.no_purchases")}
        id={(row) => row.id}
        href={(row) => `/purchases/${row.id}`}
        left={(row) => (
          <>
            <Merchant id={row.merchant} />
            <small>
              {code("plan", row.plan)} · {instant(row.authorised_at)} · {code("bought", boughtAs(row))}
              {row.decline_reasons.length > 0 &&
                ` · ${row.decline_reasons.map((each) => code("decline", each)).join(", ")}`}
              {row.refunded_minor > 0 && ` · ${t("purchase.refunded")}`}
            </small>
          </>
        )}
        right={(row) => (
          <>
            <Money minor={row.amount_minor} currency={row.currency} />
            {row.refunded_minor > 0 && (
              <small>
                −<Money minor={row.refunded_minor} currency={row.currency} />
              </small>
            )}
          </>
        )}
      />
      <More pages={pages} />
    </Page>
  );
}
