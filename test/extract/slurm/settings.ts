/** `slurm.conf` of a cluster that is one node, this machine, and needs no more rights than its user has. */
import { createServer } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

/** What jobs may ask for, whatever this machine has. */
const MEMORY_MB = 65_536;

/**
 * @param folder where the daemons keep everything
 * @see slurm.conf(5)
 */
export async function slurmSettings(
  folder: string,
  { cpus, pluginFolder }: { cpus: number; pluginFolder: string | null },
): Promise<string> {
  const [node] = hostname().split('.');
  const user = userInfo().username;
  const lines = {
    ClusterName: 'cochlea',
    SlurmctldHost: `${node}(127.0.0.1)`,
    SlurmUser: user,
    SlurmdUser: user,
    SlurmctldPort: await freePort(),
    SlurmdPort: await freePort(),
    // Neither is reached from other machines.
    CommunicationParameters: 'NoCtldInAddrAny,NoInAddrAny',
    AuthType: 'auth/munge',
    AuthInfo: `socket=${join(folder, 'munge.socket')}`,
    CredType: 'cred/munge',
    StateSaveLocation: join(folder, 'state'),
    SlurmdSpoolDir: join(folder, 'spool'),
    SlurmctldPidFile: join(folder, 'slurmctld.pid'),
    SlurmdPidFile: join(folder, 'slurmd.pid'),
    ...(pluginFolder !== null && { PluginDir: pluginFolder }),
    // Containers give no control groups. Parents, which `linuxproc` goes by, are lost when a job's shell is killed first.
    ProctrackType: 'proctrack/pgid',
    TaskPlugin: 'task/none',
    JobAcctGatherType: 'jobacct_gather/none',
    AccountingStorageType: 'accounting_storage/none',
    MpiDefault: 'none',
    SelectType: 'select/cons_tres',
    SelectTypeParameters: 'CR_CPU',
    SchedulerType: 'sched/builtin',
    SchedulerParameters: 'batch_sched_delay=0,sched_interval=1',
    SlurmdParameters: 'config_overrides',
    ReturnToService: 2,
    KillWait: 1,
    MailProg: '/bin/true',
  };
  return [
    ...Object.entries(lines).map(([name, value]) => `${name}=${value}`),
    `NodeName=${node} NodeAddr=127.0.0.1 CPUs=${cpus} RealMemory=${MEMORY_MB} State=UNKNOWN`,
    'PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP',
    '',
  ].join('\n');
}

/** One that nobody listens on now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => void server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
