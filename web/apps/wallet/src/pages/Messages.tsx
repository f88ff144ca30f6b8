import { client } from "@tiao/api";
import { useSpeech } from "@tiao/ui";
import { Awaited, Page } from "../parts";
import { More, usePages } from "../paging";

export default function Messages() {
  const { t, instant } = useSpeech();
  const pages = usePages(["messages"], (after) =>
    client.GET("/v1/messages", { params: { query: { limit: 30, after } } }),
  );
  return (
    <Page title={t("customer.messages")} back="/me">
      <Awaited of={pages} />
      {pages.isSuccess && pages.rows.length === 0 && <p className="none">{t("wallet.no_messages")}</p>}
      {pages.rows.map((row) => (
        <section key={row.id} className="card">
          <small>{instant(row.made_at)}</small>
          <p>{row.text}</p>
        </section>
      ))}
      <More pages={pages} />
    </Page>
  );
}
