// The papers of a company: which its scenes ask for, which are shown, and a way to show one.
import { api, once, type Schemas } from "@tiao/api";
import { Refusal } from "@tiao/desk/Refusal";
import { base64Of } from "@tiao/desk/base64";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Alert, Card, Flex, Select, Tag } from "antd";
import { useState } from "react";

type Kind = Schemas["Paper"];
const KINDS: readonly Kind[] = [
  "business_licence",
  "representative_identity",
  "account_proof",
  "trade_permit",
  "shop_photograph",
  "other",
];
const BYTES_MAX = 2_000_000;

export function Papers({ of }: { of: Schemas["MerchantApplicationShown"] }) {
  const { t, code, instant } = useSpeech();
  const path = { application_id: of.id };
  const found = api.useQuery("get", "/v1/merchant_applications/{application_id}/papers", { params: { path } });
  const scenes = api.useQuery("get", "/v1/scenes", {});
  const shown = found.data?.data ?? [];
  const asked = (scenes.data?.data ?? [])
    .filter((each) => of.scenes.includes(each.scene))
    .flatMap((each) => each.papers);
  const wanted = [...new Set(asked)].filter((kind) => !shown.some((paper) => paper.kind === kind));
  return (
    <Card title={t("applying.papers")}>
      <div className="stack">
        <Refusal error={found.error} />
        {of.state === "draft" && wanted.length > 0 && (
          <Alert
            type="warning"
            showIcon
            title={t("applying.paper_wanted", { papers: wanted.map((kind) => code("papers", kind)).join("、") })}
          />
        )}
        <ul className="changes">
          {shown.map((paper) => (
            <li key={paper.number}>
              <strong>{code("papers", paper.kind)}</strong> {paper.name} · {Math.ceil(paper.size_bytes / 1_000)} kB ·{" "}
              {instant(paper.at)} <Tag color="success">{t("applying.paper_shown")}</Tag>
            </li>
          ))}
        </ul>
        {of.state === "draft" && <Add application={of.id} first={wanted[0] ?? "other"} />}
      </div>
    </Card>
  );
}

function Add({ application, first }: { application: string; first: Kind }) {
  const { t, code } = useSpeech();
  const queries = useQueryClient();
  const [chosen, setChosen] = useState<Kind | null>(null);
  const [isTooLarge, setTooLarge] = useState(false);
  const add = api.useMutation("post", "/v1/merchant_applications/{application_id}/papers", {
    onSuccess: () => {
      setChosen(null);
      return queries.invalidateQueries();
    },
  });
  const kind = chosen ?? first;
  const show = async (file: File | undefined) => {
    setTooLarge(file !== undefined && file.size > BYTES_MAX);
    if (!file || file.size > BYTES_MAX) return;
    add.mutate({
      params: { path: { application_id: application }, header: once() },
      body: { kind, name: file.name, media_type: file.type, content: await base64Of(file) },
    });
  };
  return (
    <>
      <Flex gap="small" wrap align="end" className="filters">
        <label>
          {t("applying.paper_kind")}
          <Select
            value={kind}
            popupMatchSelectWidth={false}
            onChange={setChosen}
            options={KINDS.map((value) => ({ value, label: code("papers", value) }))}
          />
        </label>
        <label>
          {t("applying.paper_add")}
          <input
            type="file"
            accept="application/pdf,image/jpeg,image/png"
            disabled={add.isPending}
            onChange={(event) => {
              const [file] = event.target.files ?? [];
              event.target.value = "";
              void show(file);
            }}
          />
        </label>
      </Flex>
      {isTooLarge && <Alert type="error" showIcon title={t("applying.paper_too_large")} />}
      <Refusal error={add.error} />
    </>
  );
}
