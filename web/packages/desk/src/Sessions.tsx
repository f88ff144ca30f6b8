// Where I am signed in: browsers that hold a session of mine, each ended at once when it is not mine any more.
import { api, type Schemas } from "@tiao/api";
import { Heading } from "./Heading";
import { Refusal } from "./Refusal";
import { useSay } from "./Say";
import { useSpeech } from "@tiao/ui";
import { useQueryClient } from "@tanstack/react-query";
import { Button, Popconfirm, Table, Tag } from "antd";

type Session = Schemas["BrowserSession"];

export default function Sessions() {
  const { t, instant } = useSpeech();
  const say = useSay();
  const queries = useQueryClient();
  const found = api.useQuery("get", "/v1/sessions", {});
  const end = api.useMutation("delete", "/v1/sessions/{key_id}", {
    onSuccess: () => {
      say(t("sessions.ended"));
      return queries.invalidateQueries();
    },
  });
  const rows = found.data?.data ?? [];
  const others = rows.filter((row) => !row.is_this);
  const endOne = (row: Session) => end.mutateAsync({ params: { path: { key_id: row.id } } });
  return (
    <>
      <Heading title="sessions.title" note="sessions.how">
        {others.length > 1 && (
          <Popconfirm
            title={t("sessions.end_sure")}
            onConfirm={async () => {
              for (const row of others) await endOne(row);
            }}
          >
            <Button danger loading={end.isPending}>
              {t("sessions.end_others")}
            </Button>
          </Popconfirm>
        )}
      </Heading>
      <Refusal error={found.error ?? end.error} />
      <Table<Session>
        size="small"
        rowKey="id"
        loading={found.isPending}
        dataSource={rows}
        pagination={false}
        scroll={{ x: "max-content" }}
        columns={[
          {
            title: t("sessions.device"),
            render: (_, row) => (
              <>
                {row.device || t("sessions.unknown")}{" "}
                {row.is_this && <Tag color="processing">{t("sessions.this")}</Tag>}
              </>
            ),
          },
          { title: t("sessions.began"), render: (_, row) => instant(row.began_at) },
          { title: t("sessions.until"), render: (_, row) => row.until && instant(row.until) },
          {
            title: "",
            render: (_, row) =>
              !row.is_this && (
                <Popconfirm title={t("sessions.end_sure")} onConfirm={() => endOne(row)}>
                  <Button size="small" danger>
                    {t("sessions.end")}
                  </Button>
                </Popconfirm>
              ),
          },
        ]}
      />
    </>
  );
}
