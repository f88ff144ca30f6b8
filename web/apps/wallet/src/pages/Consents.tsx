import { useQueryClient } from "@tanstack/react-query";
import { api } from "@tiao/api";
import { refusedLast, useSpeech } from "@tiao/ui";
import { Awaited, Page, Refusal } from "../parts";

const PURPOSES = ["social_data", "partner_data"] as const;

/** Each purpose by itself, nothing ticked beforehand; what is taken back is read no more. */
export default function Consents() {
  const { t, code, instant } = useSpeech();
  const queries = useQueryClient();
  const renew = { onSuccess: () => queries.invalidateQueries() };
  const found = api.useQuery("get", "/v1/consents", {});
  const give = api.useMutation("put", "/v1/consents/{purpose}", renew);
  const revoke = api.useMutation("delete", "/v1/consents/{purpose}", renew);
  return (
    <Page title={t("wallet.consents")} back="/me">
      <Awaited of={found} />
      <Refusal error={refusedLast(give, revoke)} />
      {PURPOSES.map((purpose) => {
        const given = found.data?.data.find((each) => each.purpose === purpose && each.revoked_at === null);
        const change = given ? revoke : give;
        return (
          <section key={purpose} className="card">
            <p>
              <strong>{code("purpose", purpose)}</strong>
            </p>
            <p>{t(`consent.note.${purpose}`)}</p>
            <p className="soft">
              {given ? t("wallet.given_at", { at: instant(given.given_at) }) : t("wallet.not_given")}
            </p>
            <button
              type="button"
              className={given ? "other" : "main"}
              disabled={change.isPending || found.isPending}
              onClick={() => change.mutate({ params: { path: { purpose } } })}
            >
              {t(given ? "wallet.revoke" : "wallet.give")}
            </button>
          </section>
        );
      })}
    </Page>
  );
}
