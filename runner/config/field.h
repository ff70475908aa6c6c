/* field.h - the kinds of values in a configuration: each can be read and written back. */
#ifndef CONFIG_FIELD_H
#define CONFIG_FIELD_H
#include "runner/config/keys.h"

enum { RETRIES_MAX = 100, EXECUTORS_MAX = 1024, BATCH_TESTS_MAX = 1000000 };

/* Into char *, const char *const *, ... at key->offset; what was there is freed. */
extern const struct field field_name;  /* one line of text */
extern const struct field field_path;  /* of a file, relative to the project's folder or absolute */
extern const struct field field_dir;   /* a folder inside the project */
extern const struct field field_names; /* strings */
extern const struct field field_globs; /* globs, one or several or none */
extern const struct field field_files; /* globs that stay inside the suite's folder, at least one */
extern const struct field field_paths; /* globs of the sources, which may lie above the project */
extern const struct field field_run;   /* argv with placeholders */
extern const struct field field_command; /* argv whose placeholders are checked elsewhere */
extern const struct field field_share;   /* of a pool */
extern const struct field field_args;    /* arguments with single placeholders, or none */
extern const struct field field_env;     /* an object, into "NAME=VALUE" */
extern const struct field field_flag;
extern const struct field field_retries;
extern const struct field field_worker_offset; /* a count or "$NAME", as text */
extern const struct field field_executors;
extern const struct field field_cpus;
extern const struct field field_batch_max;
extern const struct field field_duration;
extern const struct field field_limit;
extern const struct field field_plain_argv; /* a command without placeholders */
extern const struct field field_states;     /* a choice that says that it is given */
extern const struct field field_choice;     /* a word of key->choices, into an enum */
extern const struct field field_list_line;  /* one line with {id} */
extern const struct field field_case_args;  /* arguments with {case} or {cases|} */
extern const struct field field_codes;      /* exit codes, with their count at key->also */

extern const struct choices choices_case_key;
extern const struct choices choices_listing;
extern const struct choices choices_id_form;
extern const struct choices choices_case_form;
extern const struct choices choices_stop_signal;
extern const struct choices choices_split;
extern const struct choices choices_usage;
extern const struct choices choices_workspace;
extern const struct choices choices_progress;
extern const struct choices choices_unit;
extern const struct choices choices_report_format;
extern const struct choices choices_unclaimed;
extern const struct choices choices_states;

/* These have the whole struct as their base; see suite.c and area.c. */
extern const struct field field_framework;
extern const struct field field_area;
extern const struct field field_suites;
extern const struct field field_areas;
extern const struct field field_pools;      /* pool.c */
extern const struct field field_members;    /* base: struct pool_settings */
extern const struct field field_wants;      /* base: struct area_settings */
extern const struct field field_secrets;    /* secret.c */
extern const struct field field_quarantine; /* quarantine.c; base: struct area_settings */
extern const struct field field_date;       /* the same; base: struct quarantine_settings */
extern const struct field field_schema;     /* any string; not kept */

/* See node.c; the base is struct node_settings, but for the last two. */
extern const struct field field_ssh; /* a host and perhaps a user */
extern const struct field field_user;
extern const struct field field_port;
extern const struct field field_exec;
extern const struct field field_url;
extern const struct field field_variable; /* "$NAME" */
extern const struct field field_token;    /* the same, or a file that only its owner can read */
extern const struct field field_password; /* refused */
extern const struct field field_remote_root;
extern const struct field field_git_url;
extern const struct field field_launch_retries;
extern const struct field field_local_node; /* executors, or an object that holds them */
extern const struct field field_node;       /* any other: the member's key is its name */

struct area_settings;
struct node_settings;
struct pool_settings;
void quarantines_deinit(struct area_settings *area);
void area_settings_deinit(struct area_settings *area);
void pool_settings_deinit(struct pool_settings *pool);
void node_settings_init(struct node_settings *node, const char *name);
void node_settings_deinit(struct node_settings *node);
struct secret_rule;
void secret_rule_deinit(struct secret_rule *rule);

/* A copy of a NULL-terminated array of strings; NULL gives an empty one. */
char **strings_dup(char *const *strings);
/* Strings as JSON: an array, or the one string where a key takes either. */
json_t *strings_to_json(char *const *strings);
#endif
