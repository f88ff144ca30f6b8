import { api } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Link, useParams } from "wouter";
import { Instalments } from "../Instalments";
import { Awaited, Facts, Money, Page } from "../parts";

export default function Bill() {
  const { t, day } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const found = api.useQuery("get", "/v1/bills/{bill_id}", { params: { path: { bill_id: id } } });
  const whole = found.data;
  return (
    <Page title={whole ? t("wallet.bill_of", { day: day(whole.bill.statement_on) }) : t("wallet.bill")} back="/bills">
      <Awaited of={found} />
      {whole && (
        <>
          <section className="card">
            <Facts
              of={[
                [t("bill.due"), day(whole.bill.due_on)],
                [
                  t("bill.principal"),
                  <Money key="p" minor={whole.bill.principal_minor} currency={whole.bill.currency} />,
                ],
                [t("bill.fee"), <Money key="f" minor={whole.bill.fee_minor} currency={whole.bill.currency} />],
                [t("bill.open"), <Money key="o" minor={whole.bill.open_minor} currency={whole.bill.currency} />],
                [t("bill.settled"), whole.bill.settled_on && day(whole.bill.settled_on)],
              ]}
            />
            {whole.bill.open_minor > 0 && (
              <>
                <Link href="/repay" className="main">
                  {t("wallet.repay")}
                </Link>
                <div className="two">
                  <Link href={`/bills/${id}/plans`} className="plain">
                    {t("bill_plan.title")}
                  </Link>
                  <Link href={`/bills/${id}/minimum`} className="plain">
                    {t("minimum.title")}
                  </Link>
                </div>
              </>
            )}
          </section>
          <Instalments of={whole.instalments} currency={whole.bill.currency} leads />
        </>
      )}
    </Page>
  );
}
