import type { Plan, Risk } from './plan.ts';
import type { ProcedureDefinition } from './runbook.ts';

/** What the operator must do before a plan of this risk starts. */
export type Confirmation =
	| { readonly kind: 'none' }
	/** Answer `y`; No is the default. */
	| { readonly kind: 'yes' }
	/** Type this text, and give a reason. */
	| { readonly kind: 'typed'; readonly text: string };

/** Confirmation for each risk: read-only none, disruptive `y`, destructive the target's name typed. */
export const confirmationFor = (risk: Risk, target: string): Confirmation => {
	if (risk === 'read-only') {
		return { kind: 'none' };
	}
	return risk === 'disruptive' ? { kind: 'yes' } : { kind: 'typed', text: target };
};

/** True when running the plan changes the host, and so needs the lock, a restore point and a target that is not read-only. */
export const changes = (plan: Pick<Plan, 'risk'>): boolean => plan.risk !== 'read-only';

/** Stopping must be possible whatever is wrong with the files: it needs no room, and no ground. */
export const isEmergency = ({ needsRoom }: Pick<ProcedureDefinition, 'needsRoom'>): boolean => needsRoom === false;
