import { useState } from 'preact/hooks';
import { type ApiProblem, asProblem } from '../api/problem';
import { useApp } from '../parts/app-context';
import { ProblemNotice } from '../parts/notice';

/** Saves the proof of an entry as a file: with the log's key, all that is needed years later. */
export function BundleButton({ log, index }: { readonly log: number; readonly index: number }) {
  const { api } = useApp();
  const [problem, setProblem] = useState<ApiProblem>();
  const save = async () => {
    try {
      const bundle = await api.bundle(log, index);
      const link = document.createElement('a');
      link.href = URL.createObjectURL(new Blob([bundle], { type: 'text/plain' }));
      link.download = `entry-${log}-${index}.tlog-proof`;
      link.click();
      URL.revokeObjectURL(link.href);
      setProblem(undefined);
    } catch (error) {
      setProblem(asProblem(error));
    }
  };
  return (
    <>
      <button type="button" onClick={() => void save()}>
        Save the proof
      </button>
      {problem === undefined ? null : <ProblemNotice problem={problem} again={() => void save()} />}
    </>
  );
}
