import { api, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Flex } from "antd";
import { useState } from "react";

/** The steps that can be taken now. Promotion needs somebody other than who proposed; the server sees to it. */
export function CreditSteps({ models }: { models: Schemas["ModelsShown"] }) {
  const { t } = useSpeech();
  const queries = useQueryClient();
  const [step, setStep] = useState<"promotion" | "withdrawal" | "demotion" | null>(null);
  const done = {
    onSuccess: () => {
      setStep(null);
      return queries.invalidateQueries();
    },
  };
  const changes = {
    promotion: api.useMutation("post", "/v1/models/promotion", done),
    withdrawal: api.useMutation("post", "/v1/models/withdrawal", done),
    demotion: api.useMutation("post", "/v1/models/demotion", done),
  };
  const change = step ? changes[step] : null;
  return (
    <Flex gap="small">
      {models.in_shadow !== null && (
        <Button type="primary" onClick={() => setStep("promotion")}>
          {t("model.promote")}
        </Button>
      )}
      {models.in_shadow !== null && <Button onClick={() => setStep("withdrawal")}>{t("model.withdraw")}</Button>}
      {models.back_to !== null && (
        <Button danger onClick={() => setStep("demotion")}>
          {t("model.put_back")}
        </Button>
      )}
      {step && change && (
        <Ask
          title={t(`model.sure.${step}`)}
          isDanger={step === "demotion"}
          isPending={change.isPending}
          error={change.error}
          onCancel={() => setStep(null)}
          onAnswer={(reason) => change.mutate({ body: { reason }, params: { header: once() } })}
        />
      )}
    </Flex>
  );
}
