import { api } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Link, useParams } from "wouter";
import { Instalments } from "../Instalments";
import { shortened } from "../bought";
import { Awaited, Facts, Money, Page } from "../parts";

/** One loan: its schedule, how its balance came about line by line, and what settling it today takes. */
export default function Loan() {
  const { t, day, code } = useSpeech();
  const { id } = useParams<{ id: string }>();
  const path = { params: { path: { loan_id: id } } };
  const found = api.useQuery("get", "/v1/loans/{loan_id}", path);
  const told = api.useQuery("get", "/v1/loans/{loan_id}/explanation", path);
  const isActive = found.data?.loan.status === "active";
  const payoff = api.useQuery("get", "/v1/loans/{loan_id}/payoff", path, { enabled: isActive });
  const loan = found.data?.loan;
  return (
    <Page title={loan ? code("plan", loan.plan) : t("customer.loans")} back="/bills">
      <Awaited of={found} />
      {loan && found.data && (
        <>
          <section className="card">
            <Facts
              of={[
                [t("loan.taken"), day(loan.taken_on)],
                [t("loan.principal"), <Money key="p" minor={loan.principal_minor} currency={loan.currency} />],
                [
                  t("loan.fee"),
                  <Money key="f" minor={loan.fee_minor + loan.interest_minor} currency={loan.currency} />,
                ],
                [t("loan.status"), code("loan.status", loan.status)],
                [
                  t("wallet.payoff_today"),
                  payoff.data && (
                    <>
                      <Money minor={payoff.data.total_minor} currency={loan.currency} />
                      {payoff.data.fee_falling_minor + payoff.data.interest_falling_minor > 0 && (
                        <small>
                          {t("wallet.saves")}{" "}
                          <Money
                            minor={payoff.data.fee_falling_minor + payoff.data.interest_falling_minor}
                            currency={loan.currency}
                          />
                        </small>
                      )}
                    </>
                  ),
                ],
              ]}
            />
          </section>
          <Instalments of={found.data.instalments} currency={loan.currency} leads={false} />
          {isActive && (
            <nav className="card" aria-label={t("loan.may")}>
              {(payoff.data?.total_minor ?? 0) > 0 && (
                <Link href={`/repay?loan=${loan.id}`} className="main">
                  {t("loan.settle")}
                </Link>
              )}
              {found.data.instalments
                .filter((part) => part.open_minor > 0 && part.is_billed)
                .map((part) => (
                  <Link key={part.number} href={`/loans/${loan.id}/defer/${part.number}`} className="plain">
                    {t("defer.of", { day: day(part.due_on) })}
                  </Link>
                ))}
              <Link href={`/me/requests?kind=hardship&loan=${loan.id}`} className="plain">
                {t("loan.hardship")}
              </Link>
            </nav>
          )}
        </>
      )}
      {told.data && (
        <section className="card">
          <h2>{t("customer.owed")}</h2>
          <ul className="told">
            {told.data.lines.map((line, index) => (
              <li key={index}>
                <span>{shortened(line.text)}</span>
                <Money minor={line.amount_minor} currency={told.data.currency} />
              </li>
            ))}
            <li className="sum">
              <span>{t("customer.total")}</span>
              <Money minor={told.data.total_minor} currency={told.data.currency} />
            </li>
          </ul>
        </section>
      )}
    </Page>
  );
}
