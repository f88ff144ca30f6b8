// What another person may say to a proposal that is open: yes or no. Its own maker may only take it back.
import { useWho } from "@tiao/desk/Desk";
import { useSpeech } from "@tiao/ui";
import { Button, Flex } from "antd";

interface Props {
  of: { state: string; proposed_by: string };
  may: boolean;
  onAgree: () => void;
  onReject: () => void;
}

export function Seconding({ of, may, onAgree, onReject }: Props) {
  const { t } = useSpeech();
  const isOwn = of.proposed_by === useWho().subject;
  if (!may || of.state !== "open") return null;
  return (
    <Flex gap="small">
      <Button size="small" disabled={isOwn} title={isOwn ? t("policy.not_your_own") : ""} onClick={onAgree}>
        {t("policy.approve")}
      </Button>
      <Button size="small" danger onClick={onReject}>
        {t("proposal.reject")}
      </Button>
    </Flex>
  );
}
