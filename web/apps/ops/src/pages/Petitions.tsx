// What customers asked people for, owed soonest first: complaints, rights over their data, help in hardship.
import { api, client, once, type Schemas } from "@tiao/api";
import { Facts } from "@tiao/desk/Facts";
import { type Key, useSpeech } from "@tiao/ui";
import { Button, Card, Flex, Tag, Typography } from "antd";
import { About } from "../parts/About";
import { CaseRow } from "../parts/CaseRow";
import { Casework, type Way } from "../parts/Casework";
import { useNow } from "../parts/now";
import { Id } from "../parts/Shown";

type Petition = Schemas["PetitionShown"];
type Answering = "answer" | "refuse";

async function open() {
  const { data } = await client.GET("/v1/petitions");
  return { data: { data: data?.data ?? [], has_more: false, next: null } };
}

const numbered = (of: string): Key[] => [1, 2, 3].map((number) => `plea.${of}_${number}` as Key);

export default function Petitions() {
  const { t, code } = useSpeech();
  const now = useNow();
  const found = api.useQuery("get", "/v1/petitions", {});
  const late = (row: Petition) => Date.parse(row.due_at) < now;
  const rows = found.data?.data ?? [];
  const way = (kind: Answering, key: string, usual: string): Way<Petition> => ({
    key,
    title: `plea.${kind}`,
    usual: numbered(usual),
    isDanger: kind === "refuse",
    ends: true,
    send: async (row, words) => {
      await client.POST("/v1/petitions/{petition_id}/answer", {
        params: { path: { petition_id: row.id }, header: once() },
        body: { is_done: kind === "answer", words },
      });
      return t("plea.answered");
    },
  });
  return (
    <Casework<Petition, Answering>
      title="ops.nav.petitions"
      path="/petitions"
      name="petitions"
      read={open}
      counts={
        <Tag color={rows.some(late) ? "error" : "default"}>
          {t("plea.count", { open: rows.length, late: rows.filter(late).length })}
        </Tag>
      }
      ways={{ answer: way("answer", "a", "done"), refuse: way("refuse", "d", "refuse") }}
      row={(row) => (
        <CaseRow
          row={{ due_at: row.due_at, is_late: late(row) }}
          what={code("plea.kind", row.kind)}
          amount={<small>{row.words.slice(0, 18)}</small>}
        />
      )}
      detail={(row, ask) => <Detail row={row} onAnswer={ask} />}
    />
  );
}

function Detail({ row, onAnswer }: { row: Petition; onAnswer: (way: Answering) => void }) {
  const { t, code, instant } = useSpeech();
  return (
    <Card
      title={code("plea.kind", row.kind)}
      extra={
        <Flex gap="small" wrap>
          <Button onClick={() => onAnswer("refuse")} danger>
            {t("plea.refuse")} (D)
          </Button>
          <Button onClick={() => onAnswer("answer")} type="primary">
            {t("plea.answer")} (A)
          </Button>
        </Flex>
      }
    >
      <div className="stack">
        <Facts
          of={[
            [t("case.customer"), <Id key="c" of={row.customer} />],
            [t("plea.loan"), row.loan && <Id key="l" of={row.loan} />],
            [t("plea.made"), instant(row.made_at)],
            [t("case.due"), instant(row.due_at)],
          ]}
        />
        <Typography.Text strong>{t("plea.said")}</Typography.Text>
        <p className="said">{row.words}</p>
        <p className="note">{t("plea.how")}</p>
        <About customer={row.customer} decision={null} />
      </div>
    </Card>
  );
}
