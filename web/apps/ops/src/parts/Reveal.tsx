import { api, once, type Schemas } from "@tiao/api";
import { Ask } from "@tiao/desk/Ask";
import { useMay } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";
import { Button } from "antd";
import { useEffect, useState } from "react";

const SEEN_MS = 60_000;

/** Shows a person unmasked for a minute, with a reason that is kept in the audit log. */
export function Reveal(props: {
  customer: string;
  isSeen: boolean;
  onSeen: (person: Schemas["PersonShown"] | null) => void;
}) {
  const { t } = useSpeech();
  const may = useMay("persons:read");
  const { customer, isSeen, onSeen } = props;
  const [isAsking, setAsking] = useState(false);
  const reveal = api.useMutation("post", "/v1/customers/{customer_id}/reveal", {
    onSuccess: (person) => {
      setAsking(false);
      onSeen(person);
    },
  });
  useEffect(() => {
    if (!isSeen) return;
    const timer = setTimeout(() => onSeen(null), SEEN_MS);
    return () => clearTimeout(timer);
  }, [isSeen, onSeen]);
  if (!may) return null;
  if (isSeen) return <Button onClick={() => onSeen(null)}>{t("reveal.hide")}</Button>;
  return (
    <>
      <Button onClick={() => setAsking(true)}>{t("reveal.show")}</Button>
      {isAsking && (
        <Ask
          title={t("reveal.why")}
          usual={[t("reveal.usual_1"), t("reveal.usual_2"), t("reveal.usual_3")]}
          isPending={reveal.isPending}
          error={reveal.error}
          onCancel={() => setAsking(false)}
          onAnswer={(reason) =>
            reveal.mutate({ params: { path: { customer_id: customer }, header: once() }, body: { reason } })
          }
        />
      )}
    </>
  );
}
