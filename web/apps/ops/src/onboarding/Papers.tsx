// The documents of a company: looked at for a reason, which is written down with who looked.
import { api, type Schemas } from "@tiao/api";
import { Dialog } from "@tiao/desk/Dialog";
import { Ask } from "@tiao/desk/Ask";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Empty, Flex } from "antd";
import { useState } from "react";

type Paper = Schemas["PaperShown"];

export function Papers({ of }: { of: Schemas["MerchantApplicationShown"] }) {
  const { t, code, instant } = useSpeech();
  const queries = useQueryClient();
  const path = { application_id: of.id };
  const papers = api.useQuery("get", "/v1/merchant_applications/{application_id}/papers", { params: { path } });
  const views = api.useQuery("get", "/v1/merchant_applications/{application_id}/views", { params: { path } });
  const [asking, setAsking] = useState<Paper | null>(null);
  const look = api.useMutation("post", "/v1/merchant_applications/{application_id}/papers/{number}/views", {
    onSuccess: () => {
      setAsking(null);
      return queries.invalidateQueries();
    },
  });
  const all = papers.data?.data ?? [];
  return (
    <Card size="small" title={t("onboarding.papers")}>
      <Refusal error={papers.error} />
      {papers.data && all.length === 0 && <Empty description={t("onboarding.no_papers")} />}
      <ul className="changes">
        {all.map((paper) => (
          <li key={paper.number}>
            <Flex gap="small" wrap align="center">
              <strong>{code("papers.kind", paper.kind)}</strong>
              <span>
                {paper.name} · {Math.ceil(paper.size_bytes / 1_000)} kB · {instant(paper.at)}
              </span>
              <Button size="small" onClick={() => setAsking(paper)}>
                {t("onboarding.look")}
              </Button>
            </Flex>
          </li>
        ))}
      </ul>
      {views.data && views.data.data.length > 0 && (
        <details>
          <summary>{t("onboarding.views")}</summary>
          <ul className="changes">
            {views.data.data.map((view) => (
              <li key={view.at + view.viewer}>
                {`${instant(view.at)} · ${view.number} · ${view.viewer}: ${view.reason}`}
              </li>
            ))}
          </ul>
        </details>
      )}
      {asking && (
        <Ask
          title={t("onboarding.look_why")}
          usual={[t("onboarding.look_1"), t("onboarding.look_2")]}
          isPending={look.isPending}
          error={look.error}
          onCancel={() => setAsking(null)}
          onAnswer={(reason) => look.mutate({ params: { path: { ...path, number: asking.number } }, body: { reason } })}
        />
      )}
      {look.data && <Seen of={look.data} onClose={look.reset} />}
    </Card>
  );
}

/** An image is shown; anything else is taken out as a file: the page's own policy shows no other document. */
function Seen({ of, onClose }: { of: Schemas["PaperContent"]; onClose: () => void }) {
  const { t, code } = useSpeech();
  const { paper, content } = of;
  const url = `data:${paper.media_type};base64,${content}`;
  return (
    <Dialog width={860} title={code("papers.kind", paper.kind)} onCancel={onClose} footer={null}>
      <div className="stack">
        {paper.media_type.startsWith("image/") && <img src={url} alt={paper.name} className="paper" />}
        <a href={url} download={paper.name}>
          {t("onboarding.download", { name: paper.name })}
        </a>
        <p className="id">SHA-256 {paper.digest}</p>
      </div>
    </Dialog>
  );
}
