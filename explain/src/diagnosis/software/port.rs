//! The software that usually listens on a port, where one program is by far the most usual there.

use super::Software;
use crate::conversation::Conversation;

/// The software and the port.
pub(super) fn software(conversation: &Conversation) -> Option<(Software, u16)> {
    let (_, port) = conversation.server.rsplit_once(':')?;
    let port = port.parse().ok()?;
    let found = PORTS.iter().find(|(ports, _)| ports.contains(&port))?;
    Some((found.1, port))
}

const PORTS: &[(&[u16], Software)] = &[
    (&[1433], Software::SqlServer),
    (&[1883, 8883], Software::Mosquitto),
    (&[2379, 2380], Software::Etcd),
    (&[3306], Software::MySql),
    (&[3389], Software::Schannel),
    (&[5432], Software::Postgres),
    (&[5671], Software::RabbitMq),
    (&[6379, 6380], Software::Redis),
    (&[6443], Software::Kubernetes),
    (&[9092, 9093, 9094], Software::Kafka),
    (&[10050, 10051], Software::Zabbix),
];
