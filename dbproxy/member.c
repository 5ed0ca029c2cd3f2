/* member.c -- see member.h. */
#include "dbproxy/member.h"

#include <stdarg.h>

#include "common/clock.h"
#include "common/log.h"

enum {
	ANSWER_US = 1000000,
	CONNECT_US = 300000,
	STOP_US = 8000000,
	HANG_PAUSE_US = 1000000, /* until one that hung is asked again */
	SECOND_US = 1000000,
};

/* The counters are a table of hundreds of rows that is made anew each time: only a
 * primary is asked for them. */
static const char look_sql[] =
    "SELECT @@global.read_only, @@global.gtid_current_pos, @@global.gtid_binlog_state, "
    "@@global.rpl_semi_sync_master_enabled, IF(@@global.rpl_semi_sync_master_enabled, "
    "(SELECT GROUP_CONCAT(variable_value ORDER BY variable_name) FROM "
    "information_schema.global_status WHERE variable_name IN "
    "('Rpl_semi_sync_master_clients', 'Rpl_semi_sync_master_status')), '0,OFF'), "
    "@@global.rpl_semi_sync_slave_enabled";

void member_init(struct member *m, const struct servers *servers, unsigned i,
		 const atomic_bool *stop)
{
	*m = (struct member){ .conf = &servers->list[i],
			      .db = servers->list[i].db,
			      .stop = stop,
			      .doubtful = true };
	m->db.user = servers->manager.user;
	m->db.password = servers->manager.password;
	m->db.database = NULL;
	m->db.connect_us = CONNECT_US;
}

void member_fini(struct member *m)
{
	if (m->open)
		session_close(&m->session);
	m->open = false;
}

void member_heed(struct member *m, const atomic_bool *stop)
{
	m->stop = m->session.stop = stop;
}

static void away(struct member *m)
{
	bool hung = m->open && m->session.code == SESSION_TIMEOUT;

	member_fini(m);
	m->retry_us = clock_us() + (hung ? HANG_PAUSE_US : 0);
	m->left_out[0] = '\0';
	if (!m->doubtful || m->up) {
		m->excused[0] = '\0';
		m->lost_us = clock_us();
	}
	m->doubtful = true;
	m->up = m->follows = false;
	m->told = NULL;
}

/* A session that broke, or that waits for an answer still, is of no more use: it would
 * give the answer to what is asked next. */
static void not_done(struct member *m)
{
	const struct session *s = &m->session;

	if (s->ended && (s->code < 2000 || s->code >= 3000))
		return;
	str_copy(m->trouble, sizeof(m->trouble), str_of(s->message));
	away(m);
}

static bool is_on(const struct session *s, unsigned cell)
{
	char text[8];

	session_cell(s, cell, text, sizeof(text));
	return strcmp(text, "1") == 0;
}

static bool is_yes(const struct session *s, const char *name)
{
	char text[16];

	session_named(s, name, text, sizeof(text));
	return strcmp(text, "Yes") == 0;
}

static bool look_at_replica(struct member *m)
{
	struct session *s = &m->session;
	char host[64], port[8];

	m->follows = m->receiving = m->applying = false;
	m->master[0] = m->received[0] = m->lag[0] = m->trouble[0] = '\0';
	if (!session_query(s, "SHOW SLAVE STATUS"))
		return false;
	if (s->row_count == 0)
		return true;
	m->follows = true;
	m->receiving = is_yes(s, "Slave_IO_Running");
	m->applying = is_yes(s, "Slave_SQL_Running");
	session_named(s, "Master_Host", host, sizeof(host));
	session_named(s, "Master_Port", port, sizeof(port));
	snprintf(m->master, sizeof(m->master), "%s:%s", host, port);
	session_named(s, "Gtid_IO_Pos", m->received, sizeof(m->received));
	session_named(s, "Seconds_Behind_Master", m->lag, sizeof(m->lag));
	session_named(s, "Last_SQL_Error", m->trouble, sizeof(m->trouble));
	if (m->trouble[0] == '\0')
		session_named(s, "Last_IO_Error", m->trouble, sizeof(m->trouble));
	return true;
}

static bool look(struct member *m)
{
	struct session *s = &m->session;
	char counters[32];
	struct str rest;
	uint64_t count = 0;

	if (!session_query(s, "%s", look_sql))
		return false;
	m->read_only = is_on(s, 0);
	session_cell(s, 1, m->position, sizeof(m->position));
	session_cell(s, 2, m->history, sizeof(m->history));
	m->semi_sync = is_on(s, 3);
	session_cell(s, 4, counters, sizeof(counters));
	rest = str_of(counters);
	m->acknowledgers = str_to_u64(str_cut(&rest, ','), &count) ? (unsigned)count : 0;
	m->waits = str_eq(rest, STR("ON"));
	m->acknowledges = is_on(s, 5);
	return look_at_replica(m);
}

/* A failure keeps its message in m->trouble, for people. */
void member_look(struct member *m)
{
	if (!m->open) {
		if (clock_us() < m->retry_us)
			return;
		m->open = true;
		if (!session_open(&m->session, &m->db, clock_us() + CONNECT_US,
				  m->stop)) {
			str_copy(m->trouble, sizeof(m->trouble),
				 str_of(m->session.message));
			away(m);
			return;
		}
	}
	session_until(&m->session, clock_us() + ANSWER_US);
	if (!look(m)) {
		str_copy(m->trouble, sizeof(m->trouble), str_of(m->session.message));
		away(m);
		return;
	}
	m->up = true;
}

bool member_run(struct member *m, struct buf *why, const char *fmt, ...)
{
	char sql[2048];
	int64_t began = clock_us();
	va_list ap;
	bool ok;

	va_start(ap, fmt);
	vsnprintf(sql, sizeof(sql), fmt, ap);
	va_end(ap);
	if (!m->open) {
		buf_fmt(why, "%s does not answer", m->conf->name);
		return false;
	}
	session_until(&m->session, clock_us() + 2 * ANSWER_US);
	ok = session_query(&m->session, "%s", sql);
	log_debug("server_order server=%s began=\"%.24s\" ok=%d us=%lld", m->conf->name,
		  fmt, ok, (long long)(clock_us() - began));
	explicit_bzero(sql, sizeof(sql));
	if (ok)
		return true;
	buf_fmt(why, "%s says: %s (%u)", m->conf->name, m->session.message,
		m->session.code);
	not_done(m);
	return false;
}

bool member_begin_stop(struct member *m, const char *sql)
{
	if (!m->open)
		return false;
	session_until(&m->session, clock_us() + STOP_US);
	return session_begin(&m->session, "%s", sql);
}

bool member_end_stop(struct member *m, struct buf *why)
{
	if (session_end(&m->session))
		return true;
	buf_fmt(why, "%s says: %s (%u)", m->conf->name, m->session.message,
		m->session.code);
	not_done(m);
	return false;
}

bool member_wait(struct member *m, const char *position, unsigned seconds)
{
	char answer[16];

	if (!m->open)
		return false;
	session_until(&m->session, clock_us() + (int64_t)(seconds + 1) * SECOND_US);
	if (!session_query(&m->session, "SELECT MASTER_GTID_WAIT('%s', %u)", position,
			   seconds)) {
		not_done(m);
		return false;
	}
	session_cell(&m->session, 0, answer, sizeof(answer));
	return strcmp(answer, "0") == 0;
}

unsigned member_count_acknowledgers(struct member *m)
{
	char clients[16];
	uint64_t count = 0;

	if (!m->open)
		return 0;
	session_until(&m->session, clock_us() + ANSWER_US);
	if (!session_query(&m->session,
			   "SELECT variable_value FROM information_schema.global_status "
			   "WHERE variable_name = 'Rpl_semi_sync_master_clients'")) {
		not_done(m);
		return 0;
	}
	session_cell(&m->session, 0, clients, sizeof(clients));
	return str_to_u64(str_of(clients), &count) ? (unsigned)count : 0;
}

const char *member_has(const struct member *m)
{
	return m->follows && position_covers(str_of(m->received), str_of(m->position))
		   ? m->received
		   : m->position;
}

bool member_follows(const struct member *m, const struct member *other)
{
	char address[80];

	snprintf(address, sizeof(address), "%s:%u", other->conf->replicate.host,
		 other->conf->replicate.port);
	return m->follows && strcmp(m->master, address) == 0;
}
