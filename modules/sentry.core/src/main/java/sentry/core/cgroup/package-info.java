/**
 * Control groups (cgroups(7)): the trees of groups, who is in them, and what they limit.
 *
 * <p>The root of each tree is the container: its limits are those of config.json, its usage that of all processes. Groups
 * that programs make below it limit the number of their tasks and their memory; usage is counted when somebody asks, from
 * the processes that are in the group, so that nothing has to be kept in step.
 *
 * <p>Locks: a tree's monitor guards its groups and who is in them. It is taken inside the task-set lock, never around it.
 */
package sentry.core.cgroup;
