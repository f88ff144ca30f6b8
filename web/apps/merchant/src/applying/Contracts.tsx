// What the company signs, and every version there was: read whole, then signed with a name.
import { api, once, type Schemas } from "@tiao/api";
import { useMay } from "@tiao/desk/Desk";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card, Flex, Input, Tag } from "antd";
import { useState } from "react";

type Contract = Schemas["ContractShown"];

export function Contracts({ of }: { of: Schemas["MerchantApplicationShown"] }) {
  const { t } = useSpeech();
  const path = { application_id: of.id };
  const found = api.useQuery("get", "/v1/merchant_applications/{application_id}/signatures", { params: { path } });
  const signed = found.data?.data ?? [];
  return (
    <Card title={t("applying.contracts")}>
      <div className="stack">
        <Refusal error={found.error} />
        {found.data?.unsigned.map((each) => (
          <Sign key={each.digest} application={of.id} of={each} />
        ))}
        {of.scenes.map((scene) => (
          <Versions key={scene} scene={scene} signed={signed} />
        ))}
      </div>
    </Card>
  );
}

function Sign({ application, of }: { application: string; of: Contract }) {
  const { t } = useSpeech();
  const may = useMay("onboarding:write");
  const queries = useQueryClient();
  const [signatory, setSignatory] = useState("");
  const [header] = useState(once);
  const sign = api.useMutation("post", "/v1/merchant_applications/{application_id}/signatures", {
    onSuccess: () => queries.invalidateQueries(),
  });
  return (
    <Card size="small" title={<Named of={of} />}>
      <div className="stack">
        <p className="said terms">{of.body}</p>
        {may && (
          <Flex gap="small" wrap align="end" className="filters">
            <label>
              {t("applying.signatory")}
              <Input value={signatory} maxLength={100} onChange={(event) => setSignatory(event.target.value)} />
            </label>
            <Button
              type="primary"
              disabled={!signatory.trim()}
              loading={sign.isPending}
              onClick={() =>
                sign.mutate({
                  params: { path: { application_id: application }, header },
                  body: { scene: of.scene, version: of.version, digest: of.digest, signatory: signatory.trim() },
                })
              }
            >
              {t("applying.sign")}
            </Button>
          </Flex>
        )}
        <Refusal error={sign.error} />
      </div>
    </Card>
  );
}

function Versions({ scene, signed }: { scene: string; signed: Schemas["SignatureShown"][] }) {
  const { t, day, instant } = useSpeech();
  const found = api.useQuery("get", "/v1/scenes/{scene}/contracts", { params: { path: { scene } } });
  return (
    <ul className="changes">
      {found.data?.data.map((each) => {
        const mine = signed.find((one) => one.scene === scene && one.version === each.version);
        return (
          <li key={each.version}>
            <Named of={each} />{" "}
            {each.is_in_force ? (
              <Tag color="success">{t("applying.in_force")}</Tag>
            ) : (
              <Tag>{t("applying.announced", { day: day(each.effective_on) })}</Tag>
            )}{" "}
            {mine && t("applying.signed", { at: instant(mine.signed_at) })}
            <details>
              <summary>{t("applying.read")}</summary>
              <p className="said">{each.body}</p>
            </details>
          </li>
        );
      })}
    </ul>
  );
}

function Named({ of }: { of: Contract }) {
  const { t, day } = useSpeech();
  return t("applying.contract", { title: of.title, version: of.version, day: day(of.effective_on) });
}
