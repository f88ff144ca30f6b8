// The last step: a merchant for each scene, each with a first key that is shown this once.
import { api, once } from "@tiao/api";
import { Once } from "@tiao/desk/Adding";
import { Refusal } from "@tiao/desk/Refusal";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Card } from "antd";
import { useState } from "react";

export function Activation({ application }: { application: string }) {
  const { t, code } = useSpeech();
  const queries = useQueryClient();
  const [header] = useState(once);
  const [kept, setKept] = useState(0);
  const open = api.useMutation("post", "/v1/merchant_applications/{application_id}/activation");
  const next = open.data?.merchants[kept];
  return (
    <Card>
      <Button
        type="primary"
        loading={open.isPending}
        onClick={() => open.mutate({ params: { path: { application_id: application }, header } })}
      >
        {t("applying.activate")}
      </Button>
      <Refusal error={open.error} />
      {next && (
        <Once
          key={next.id}
          title={t("applying.token", { scene: code("scene", next.scene) })}
          text={t("applying.token_once")}
          token={next.token}
          onClose={() => {
            setKept(kept + 1);
            if (kept + 1 === open.data?.merchants.length) void queries.invalidateQueries();
          }}
        />
      )}
    </Card>
  );
}
